from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import sitq
from sitq import blocking
from sitq._addresses import Rotation, addresses_of
from sitq.testing import Server
from sitq.testing._server import _command
from sitq.v1.admin_service_pb2 import GetServerInfoRequest, GetServerInfoResponse


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    """Two servers, the second with its name resolved by a host name. They share nothing."""
    with Server() as first, Server(listen="localhost:0") as second:
        yield [first, second]


def together(servers: list[Server]) -> str:
    return ",".join(each.address for each in servers)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("a:1", ("a:1",)),
        ("a:1,b:2", ("a:1", "b:2")),
        ("[::1]:1,[2001:db8::7]:2,a:3", ("[::1]:1", "[2001:db8::7]:2", "a:3")),
        ("dns:///a:1,dns:///b:2", ("dns:///a:1", "dns:///b:2")),
        # gRPC's own lists.
        ("ipv4:10.0.0.1:1,10.0.0.2:2", ("ipv4:10.0.0.1:1", "ipv4:10.0.0.2:2")),
    ],
)
def test_addresses_are_separated_by_commas(text: str, addresses: tuple[str, ...]) -> None:
    assert addresses_of(text) == addresses


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a:1,", "has no address at place 2"),
        (",a:1", "has no address at place 1"),
        ("a:1, ,b:1", "has no address at place 2"),
        ("a:1,b", "'b' is no host:port"),
        ("a:1, b:2", "' b:2' is no host:port"),
        ("a:1,b:1,a:1", "'a:1' is given twice"),
        ("a:1,dns:b:1", "'a:1' and 'dns:b:1' are of two kinds"),
        ("unix:/run/a.sock,a:1", "'unix:/run/a.sock' and 'a:1' are of two kinds"),
    ],
)
def test_an_address_that_is_not_usable_is_named(text: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(sitq.InvalidArgumentError, match=problem) as caught:
        sitq.connect(text)
    assert caught.value.field == "address"
    monkeypatch.setenv("SITQ_ADDRESS", text)
    with pytest.raises(sitq.InvalidArgumentError, match=problem):
        blocking.connect()


def test_a_token_in_clear_text_goes_to_none_of_the_addresses() -> None:
    with pytest.raises(sitq.InvalidArgumentError, match=r"not sent to sitq.internal:1 in clear text"):
        sitq.connect("127.0.0.1:1,sitq.internal:1", token="x")


def test_clients_spread_over_the_addresses_and_try_each_once_in_a_round() -> None:
    addresses = ("a:1", "b:1", "c:1")
    assert {Rotation(addresses).current for _ in range(200)} == set(addresses)
    rotation = Rotation(addresses)
    seen = []
    while rotation.has_more:
        seen.append(rotation.current)
        rotation.leave()
    assert {*seen, rotation.current} == set(addresses)
    assert not Rotation(addresses[:1]).has_more


async def test_calls_go_on_at_another_server(servers: list[Server], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITQ_ADDRESS", together(servers))
    async with sitq.connect() as client:
        first = await client.enqueue("several", "t")
        used = servers[0] if await holds(servers[0], first.id) else servers[1]
        other = servers[1] if used is servers[0] else servers[0]
        used.kill()
        second = await client.enqueue("several", "t")
        assert await holds(other, second.id)
        # It stays there, though the first one is back.
        used.start()
        third = await client.enqueue("several", "t")
        assert await holds(other, third.id)
        other.kill()
        fourth = await client.enqueue("several", "t")
        assert await holds(used, fourth.id)
    # A call that is not repeated goes to the server that is there, too.
    for _ in range(6):
        async with sitq.connect() as client:
            await client.call(GetServerInfoRequest(), GetServerInfoResponse)


async def holds(server: Server, task_id: str) -> bool:
    async with sitq.connect(server.address) as client:
        try:
            await client.get_task(task_id)
        except sitq.reasons.TaskNotFound:
            return False
        return True


async def test_a_client_names_all_addresses_that_it_cannot_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in (first, second)]
    async with sitq.connect(",".join(addresses)) as client:
        with pytest.raises(sitq.UnavailableError) as caught:
            await client.get_task("x")
    for address in addresses:
        assert f"cannot reach {address}: connection refused" in str(caught.value)


async def test_a_worker_goes_on_at_another_server(servers: list[Server]) -> None:
    async with sitq.connect(together(servers)) as client:
        worker = sitq.Worker("several")

        @worker.task("double")
        async def double(payload: int) -> int:
            return payload * 2

        async with worker.running(client):
            for _ in range(2):
                used, other = servers if await has_worker(servers[0]) else servers[::-1]
                async with sitq.connect(used.address) as producer:
                    assert await (await producer.enqueue("several", "double", 4)).result(timeout=30) == 8
                used.kill()
                async with sitq.connect(other.address) as producer:
                    assert await (await producer.enqueue("several", "double", 5)).result(timeout=30) == 10
                used.start()


async def has_worker(server: Server) -> bool:
    from sitq.v1.worker_service_pb2 import ListWorkersRequest, ListWorkersResponse

    async with sitq.connect(server.address) as client:
        return len((await client.call(ListWorkersRequest(), ListWorkersResponse)).workers) > 0


@pytest.fixture
def authorities(tmp_path: Path) -> Path:
    """The certificates of two authorities that know nothing of each other, and of their servers."""
    for name in ("ours", "theirs"):
        subprocess.run([*_command(), "tls", "init", str(tmp_path / name)], check=True, capture_output=True)
    return tmp_path


async def test_the_certificate_of_each_server_is_that_of_its_address(authorities: Path) -> None:
    def secured(name: str, listen: str) -> Server:
        files = authorities / name
        return Server(
            ["--tls-cert", str(files / "server.pem"), "--tls-key", str(files / "server-key.pem")], listen=listen
        )

    tls = sitq.Tls(ca=authorities / "ours" / "ca.pem")
    with (
        secured("ours", "127.0.0.1:0") as first,
        secured("ours", "localhost:0") as second,
        secured("theirs", "127.0.0.1:0") as foreign,
    ):
        addresses = together([foreign, first, second])
        async with sitq.connect(addresses, tls=tls) as client:
            for gone in (first, second):
                assert (await client.enqueue("several", "t")).created
                gone.kill()
                if gone is first:
                    assert (await client.enqueue("several", "t")).created
            # What is left is not trusted, as if it were the only one.
            assert "its certificate is not trusted" in await refusal_after_kill(client, second)


async def refusal_after_kill(client: sitq.Client, killed: Server) -> str:
    """What a read is answered once a server is killed that the client used: nothing repeats the one that was cut with its connection."""
    with pytest.raises(sitq.UnavailableError) as caught:
        await client.get_task("x")
    if str(caught.value).startswith(f"cannot reach {killed.address}: "):
        with pytest.raises(sitq.UnavailableError) as caught:
            await client.get_task("x")
    return str(caught.value)
