"""People of a workspace, looked after over HTTP by its admins."""

from uuid import uuid4

from tests.makers import PASSWORD, House


def somebody(**changes: object) -> dict[str, object]:
    person = {"email": f"{uuid4().hex}@example.com", "name": "Nia", "roles": ["reviewer"]}
    return {**person, "skills": ["lang:de"], **changes}


async def test_an_admin_adds_a_person_who_can_then_sign_in(house: House) -> None:
    adam = await house.person("adam")
    added = await adam.post("/v1/members", json=somebody())
    assert added.status_code == 201, added.text
    nia = added.json()
    assert nia["roles"] == ["reviewer"]
    log_in = {"email": nia["email"], "password": nia["password"]}
    signed = await house.client().post("/v1/sessions", json=log_in)
    assert signed.status_code == 201, signed.text
    assert signed.json()["person"]["skills"] == ["lang:de"]


async def test_a_password_that_was_chosen_is_not_told_again(house: House) -> None:
    adam = await house.person("adam")
    added = await adam.post("/v1/members", json=somebody(password="a phrase of my own"))
    assert added.status_code == 201
    assert added.json()["password"] is None
    read = await adam.get(f"/v1/members/{added.json()['id']}")
    assert "password" not in read.json()


async def test_new_roles_count_from_the_next_request_on(house: House) -> None:
    adam, ada = await house.person("adam"), await house.person("ada")
    changed = await adam.patch(f"/v1/members/{house.people['ada']}", json={"roles": ["auditor"]})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["roles"], changed.json()["skills"]) == (["auditor"], [])
    refused = await ada.post("/v1/queues/refunds/claims", json={})
    assert refused.status_code == 403
    assert refused.json()["permission"] == "items:review"


async def test_skills_are_replaced_and_roles_kept(house: House) -> None:
    adam = await house.person("adam")
    skills = ["lang:fr", "cat:payments", "lang:fr"]
    changed = await adam.patch(f"/v1/members/{house.people['ada']}", json={"skills": skills})
    assert changed.json()["skills"] == ["cat:payments", "lang:fr"]
    assert changed.json()["roles"] == ["reviewer"]


async def test_a_disabled_person_is_out_at_once_and_cannot_come_back(house: House) -> None:
    adam, ada = await house.person("adam"), await house.person("ada")
    gone = await adam.delete(f"/v1/members/{house.people['ada']}")
    assert gone.status_code == 204, gone.text
    assert (await ada.get("/v1/sessions/current")).status_code == 401
    log_in = {"email": house.emails["ada"], "password": PASSWORD}
    again = await house.client().post("/v1/sessions", json=log_in)
    assert again.status_code == 401
    assert again.json()["code"] == "wrong-log-in"
    read = await adam.get(f"/v1/members/{house.people['ada']}")
    assert read.json()["disabled_at"] is not None
    twice = await adam.delete(f"/v1/members/{house.people['ada']}")
    assert twice.json()["code"] == "member-disabled"


async def test_the_address_of_somebody_who_left_may_be_used_again(house: House) -> None:
    adam = await house.person("adam")
    await adam.delete(f"/v1/members/{house.people['ada']}")
    added = await adam.post("/v1/members", json=somebody(email=house.emails["ada"]))
    assert added.status_code == 201, added.text
    assert added.json()["id"] != str(house.people["ada"])


async def test_the_list_goes_on_behind_its_cursor(house: House) -> None:
    adam = await house.person("adam")
    seen, cursor = list[str](), None
    for _ in range(9):
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await adam.get("/v1/members", params=query)).json()
        seen += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["Ada", "Ben", "Lea", "Adam", "Aud"]


async def test_only_admins_look_after_people(house: House) -> None:
    one = f"/v1/members/{house.people['ben']}"
    for person in [await house.person(who) for who in ("ada", "lea", "aud")]:
        answers = [
            await person.get("/v1/members"),
            await person.get(one),
            await person.post("/v1/members", json=somebody()),
            await person.patch(one, json={"roles": ["admin"]}),
            await person.delete(one),
        ]
        assert {one.status_code for one in answers} == {403}
        assert {one.json()["permission"] for one in answers} == {"workspace:admin"}


async def test_no_key_looks_after_people_whatever_its_scopes(house: House) -> None:
    assert (await house.agent().get("/v1/members")).status_code == 403


async def test_a_field_that_is_wrong_is_named(house: House) -> None:
    adam = await house.person("adam")
    wrong = {
        "roles": ["emperor"],
        "email": "nobody",
        "password": "short",
        "skills": ["German"],
        "name": "",
    }
    for field, value in [*wrong.items(), ("roles", [])]:
        refused = await adam.post("/v1/members", json=somebody(**{field: value}))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"].startswith(f"/{field}")


async def test_an_address_in_use_is_refused(house: House) -> None:
    adam = await house.person("adam")
    refused = await adam.post("/v1/members", json=somebody(email=house.emails["ben"].upper()))
    assert (refused.status_code, refused.json()["code"]) == (409, "name-taken")


async def test_a_person_of_elsewhere_is_missing(house: House) -> None:
    adam = await house.person("adam")
    refused = await adam.patch(f"/v1/members/{uuid4()}", json={"roles": ["lead"]})
    assert (refused.status_code, refused.json()["code"]) == (404, "member-missing")


async def test_what_an_admin_does_is_in_the_ledger(house: House) -> None:
    adam = await house.person("adam")
    await adam.patch(f"/v1/members/{house.people['ben']}", json={"roles": ["lead"]})
    await adam.delete(f"/v1/members/{house.people['ben']}")
    async with house.db.read(house.workspace) as tx:
        entries = await tx.fetch(
            "SELECT actor_id, facts FROM ledger_entries WHERE type = 'member.changed' ORDER BY seq"
        )
    assert [one["actor_id"] for one in entries] == [house.people["adam"]] * 2
    assert [one["facts"]["person"] for one in entries] == [str(house.people["ben"])] * 2
    assert entries[0]["facts"]["roles"] == ["lead"]
