"""The clock edge: the same flows, run when their time has come."""
