"""The main job over HTTP: an agent asks, a person decides, the agent hears."""

from tests.makers import House, a_refund, keyed


async def test_an_agent_asks_a_person_decides_the_agent_hears(house: House) -> None:
    agent, ada = house.agent(), await house.person("ada")
    asked = await agent.post("/v1/items", json=a_refund(), headers=keyed())
    assert asked.status_code == 202, asked.text
    item = asked.json()
    assert item["status"] == "waiting"
    claimed = await ada.post("/v1/queues/refunds/claims", json={"wait_s": 0})
    assert claimed.status_code == 201, claimed.text
    claim = claimed.json()
    assert claim["item"] == item["id"]
    view = await ada.post(f"/v1/items/{item['id']}/views", json={"epoch": claim["epoch"]})
    assert view.status_code == 201, view.text
    decision = {
        "epoch": claim["epoch"],
        "revision": 1,
        "view": view.json()["view"],
        "verdict": "approve",
        "reason_codes": ["in_policy"],
        "note": "fine",
    }
    decided = await ada.post(f"/v1/items/{item['id']}/decisions", json=decision)
    assert decided.status_code == 201, decided.text
    heard = await agent.get(f"/v1/items/{item['id']}", headers={"Prefer": "wait=5"})
    assert heard.status_code == 200
    assert heard.json()["status"] == "settled"
    outcome = heard.json()["outcome"]
    assert outcome["result"] == "approved"
    assert outcome["cause"] == "human"
    assert outcome["arguments"] == a_refund()["action"]["arguments"] | {
        "order_id": outcome["arguments"]["order_id"]
    }
    again = await ada.post(f"/v1/items/{item['id']}/decisions", json=decision)
    assert again.status_code == 409
    assert again.json()["code"] == "already-settled"
