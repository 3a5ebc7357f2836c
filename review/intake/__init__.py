"""What may come in: idempotency, canonical digests, requests that contradict themselves."""
