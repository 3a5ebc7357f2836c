"""Deliveries, to a real receiver, as the wire contract promises them."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

from review.delivery.answers import Answer
from review.delivery.backoff import SCHEDULE
from review.delivery.envelopes import Outgoing
from review.flows.deliver import record, take
from tests.waiting import until
from tests.workers.conftest import Post
from tests.workers.receiver import Receiver, receiving
from workers.courier import PLACES_EACH_SUBSCRIBER


async def test_an_outcome_arrives_as_a_signed_cloud_event(post: Post, receiver: Receiver) -> None:
    made = await post.subscribe(receiver.url)
    item = await post.settle()
    await post.round()
    [received] = receiver.seen
    assert received.line == "POST /in?a=1 HTTP/1.1"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    event = received.verified(made["secret"])
    assert event["specversion"] == "1.0"
    assert event["type"] == "review.item.settled"
    assert event["subject"] == item
    assert event["source"] == f"urn:uuid:{post.house.workspace}"
    assert event["data"]["outcome"]["result"] == "withdrawn"
    assert UUID(event["id"]).version == 7
    assert datetime.fromisoformat(event["time"]) == datetime.fromisoformat(
        (await post.messages())[0]["created_at"]
    )
    [message] = await post.messages("sent")
    assert message["id"] == event["id"]
    assert [one["status"] for one in message["attempts"]] == [204]
    await post.fall_due()
    await post.round()
    assert len(receiver.seen) == 1  # what has arrived is not sent again


async def test_what_is_no_success_is_tried_again(post: Post, receiver: Receiver) -> None:
    made = await post.subscribe(receiver.url)
    receiver.statuses = [301, 307, 400, 404, 500, 503, 200]
    receiver.headers = {"Location": receiver.url.replace("/in", "/elsewhere")}
    await post.settle()
    for tries in range(1, 7):
        await post.round()
        await post.round()  # it is not due again yet
        [message] = await post.messages("due")
        assert len(message["attempts"]) == len(receiver.seen) == tries
        tried, due = message["attempts"][-1]["at"], message["due_at"]
        assert datetime.fromisoformat(due) >= datetime.fromisoformat(tried) + SCHEDULE[tries]
        await post.fall_due()
    await post.round()
    [message] = await post.messages("sent")
    assert [one["status"] for one in message["attempts"]] == [301, 307, 400, 404, 500, 503, 200]
    events = [one.verified(made["secret"]) for one in receiver.seen]
    assert all(event == events[0] for event in events)
    assert {one.line for one in receiver.seen} == {"POST /in?a=1 HTTP/1.1"}  # nothing was followed


async def test_a_busy_receiver_says_when_to_come_back(post: Post, receiver: Receiver) -> None:
    await post.subscribe(receiver.url)
    receiver.statuses, receiver.headers = [429], {"Retry-After": "3600"}
    await post.settle()
    await post.round()
    [message] = await post.messages("due")
    wait = datetime.fromisoformat(message["due_at"]) - datetime.fromisoformat(
        message["attempts"][0]["at"]
    )
    assert wait >= timedelta(hours=1)


async def test_a_message_dies_after_the_schedule_and_can_be_replayed(
    post: Post, receiver: Receiver
) -> None:
    made = await post.subscribe(receiver.url)
    receiver.statuses = [500]
    await post.settle()
    for _ in SCHEDULE:
        assert await post.messages("dead") == []
        await post.fall_due()
        await post.round()
    assert len(receiver.seen) == len(SCHEDULE)
    [dead] = await post.messages("dead")
    assert [one["attempt"] for one in dead["attempts"]] == list(range(1, len(SCHEDULE) + 1))
    [died] = await post.told("message.died")
    assert died == {"message": dead["id"], "subscription": made["id"], "why": "status 500"}
    await post.fall_due()
    await post.round()
    assert len(receiver.seen) == len(SCHEDULE)
    receiver.statuses = [500, 200]
    replayed = await post.house.agent().post(f"/v1/messages/{dead['id']}/replay")
    assert replayed.status_code == 200, replayed.text
    assert replayed.json()["state"] == "due"
    await post.round()
    assert await post.messages("dead") == []  # the schedule began anew
    await post.fall_due()
    await post.round()
    [sent] = await post.messages("sent")
    assert len(sent["attempts"]) == len(SCHEDULE) + 2
    assert {one.headers["webhook-id"] for one in receiver.seen} == {dead["id"]}
    assert len(await post.told("message.replayed")) == 1


async def test_gone_ends_the_subscription_and_all_that_was_owed_to_it(
    post: Post, receiver: Receiver
) -> None:
    made = await post.subscribe(receiver.url)
    receiver.statuses = [500, 410]
    await post.settle()
    await post.round()
    await post.settle()
    await post.round()
    ended = (await post.house.agent().get(f"/v1/subscriptions/{made['id']}")).json()
    assert ended["end_reason"] == "gone"
    dead = await post.messages("dead")
    assert len(dead) == 2
    assert len(await post.told("message.died")) == 2
    assert [one["reason"] for one in await post.told("subscription.ended")] == ["gone"]
    await post.settle()
    assert await post.messages("due") == []
    refused = await post.house.agent().post(f"/v1/messages/{dead[0]['id']}/replay")
    assert (refused.status_code, refused.json()["code"]) == (409, "subscription-ended")


async def test_what_was_owed_at_the_last_moment_is_buried(post: Post, receiver: Receiver) -> None:
    made = await post.subscribe(receiver.url)
    await post.settle()
    async with post.house.db.begin(post.house.workspace) as tx:  # as if both committed at once
        await tx.execute(
            "UPDATE delivery_subscriptions SET ended_at = $1, end_reason = 'deleted'", tx.now
        )
    await post.round()
    assert receiver.seen == []
    assert len(await post.messages("dead")) == 1
    [died] = await post.told("message.died")
    assert died["subscription"] == made["id"]


async def test_a_receiver_that_does_not_answer_holds_up_nobody_else(
    post: Post, receiver: Receiver
) -> None:
    async with receiving() as silent:
        silent.hold = asyncio.Event()
        await post.subscribe(silent.url)
        for _ in range(PLACES_EACH_SUBSCRIBER + 1):
            await post.settle()
        await post.courier.look()
        await until(lambda: len(silent.seen) == PLACES_EACH_SUBSCRIBER)
        await post.subscribe(receiver.url)
        items = {await post.settle() for _ in range(PLACES_EACH_SUBSCRIBER)}
        await post.courier.look()
        await until(lambda: len(receiver.seen) == len(items))
        assert {one.event["subject"] for one in receiver.seen} == items
        assert len(silent.seen) == PLACES_EACH_SUBSCRIBER
        silent.hold.set()
        await post.courier.close()
        for _ in range(2):
            await post.round()
        assert len(silent.seen) == 2 * PLACES_EACH_SUBSCRIBER + 1
    assert await post.messages("due") == []


async def test_who_comes_back_after_the_lease_does_not_undo_what_came_after(
    post: Post, receiver: Receiver
) -> None:
    await post.subscribe(receiver.url)
    await post.settle()
    slow, quick = await take_one(post), await take_one(post)
    assert (slow.message_id, slow.attempt, quick.attempt) == (quick.message_id, 1, 2)
    [before] = await post.messages("due")
    await write(post, slow, Answer(1, 500))
    [after] = await post.messages("due")
    assert after["due_at"] == before["due_at"]
    assert [one["attempt"] for one in after["attempts"]] == [1]
    await write(post, quick, Answer(1, 204))
    await write(post, slow, Answer(1, 500))
    [sent] = await post.messages("sent")
    assert [(one["attempt"], one["status"]) for one in sent["attempts"]] == [(1, 500), (2, 204)]


async def test_who_comes_back_late_with_good_news_is_believed(post: Post) -> None:
    await post.subscribe("https://hook.example/in")
    await post.settle()
    slow, quick = await take_one(post), await take_one(post)
    await write(post, slow, Answer(1, 204))
    await write(post, quick, Answer(1, 500))
    assert len(await post.messages("sent")) == 1


async def take_one(post: Post) -> Outgoing:
    """Take the message as a worker does whose predecessor's lease is over."""
    await post.fall_due()
    async with post.house.db.begin(post.house.workspace) as tx:
        [taken] = await take(tx, busy=[], each=1, limit=1)
    return taken


async def write(post: Post, outgoing: Outgoing, answer: Answer) -> None:
    async with post.house.db.begin(post.house.workspace) as tx:
        await record(tx, outgoing, answer)


async def test_nobody_is_told_anything_once_the_secret_cannot_be_opened(
    post: Post, receiver: Receiver
) -> None:
    await post.subscribe(receiver.url)
    await post.settle()
    async with post.house.db.begin(post.house.workspace) as tx:
        await tx.execute("UPDATE delivery_subscriptions SET sealed_secret = 'x'")
    await post.round()
    [message] = await post.messages("due")
    assert "sealed under another key" in message["attempts"][0]["error"]
    assert receiver.seen == []
