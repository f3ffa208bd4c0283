from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import sitq
from sitq._retry import retry
from sitq._unreached import NO_ROOM
from sitq.testing import Server
from sitq.testing._server import _command


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificates of an authority, a server and a client."""
    directory = tmp_path_factory.mktemp("tls")
    subprocess.run([*_command(), "tls", "init", str(directory)], check=True, capture_output=True)
    return directory


@pytest.fixture(scope="module")
def secured(files: Path) -> Iterator[Server]:
    arguments = ["--tls-cert", "server.pem", "--tls-key", "server-key.pem", "--tls-client-ca", "ca.pem"]
    paths = [str(files / each) if not each.startswith("--") else each for each in arguments]
    with Server(paths) as server:
        yield server


def tls_of(files: Path) -> sitq.Tls:
    return sitq.Tls(ca=files / "ca.pem", cert=files / "client.pem", key=files / "client-key.pem")


async def test_a_client_with_its_certificate_enqueues_and_works(files: Path, secured: Server) -> None:
    async with sitq.connect(secured.address, tls=tls_of(files)) as client:
        worker = sitq.Worker("secured")

        @worker.task("echo")
        async def echo(payload: int) -> int:
            return payload

        async with worker.running(client):
            assert await (await client.enqueue("secured", "echo", 7)).result(timeout=10) == 7


async def test_the_environment_says_how_a_client_is_secured(
    files: Path, secured: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITQ_ADDRESS", secured.address)
    for name, file in (("CA", "ca.pem"), ("CLIENT_CERT", "client.pem"), ("CLIENT_KEY", "client-key.pem")):
        monkeypatch.setenv(f"SITQ_TLS_{name}", str(files / file))
    async with sitq.connect() as client:
        assert (await client.enqueue("secured", "nothing")).created


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The certificates of another authority."""
    directory = tmp_path_factory.mktemp("foreign")
    subprocess.run([*_command(), "tls", "init", str(directory)], check=True, capture_output=True)
    return directory


@pytest.mark.parametrize(
    ("case", "handshake", "text"),
    [
        ("another authority", "untrusted", "its certificate is not trusted: give the authority .* by tls.ca"),
        ("another name", "wrong_name", "its certificate is for another name: .* tls.server_name"),
        ("no certificate", "certificate_required", "it wants a client certificate .* tls.cert and tls.key"),
        ("a certificate of another authority", "closed", "it closed the connection .* another client certificate"),
        ("plaintext to TLS", "closed", "it closed the connection .* wants TLS"),
        ("TLS to plaintext", "not_tls", "it does not speak TLS: connect without tls"),
    ],
)
async def test_a_connection_that_is_refused_says_what_to_do(
    case: str, handshake: str, text: str, files: Path, foreign: Path, secured: Server, sitq_server: Server
) -> None:
    own = tls_of(files)
    address, tls = {
        "another authority": (secured.address, replace(own, ca=foreign / "ca.pem")),
        "another name": (secured.address, replace(own, server_name="other.internal")),
        "no certificate": (secured.address, sitq.Tls(ca=files / "ca.pem")),
        "a certificate of another authority": (secured.address, replace(tls_of(foreign), ca=files / "ca.pem")),
        "plaintext to TLS": (secured.address, None),
        "TLS to plaintext": (sitq_server.address, own),
    }[case]
    # What no other try can change is not tried again.
    lasting = handshake in ("untrusted", "wrong_name")
    async with sitq.connect(address, tls=tls, retry_timeout=600 if lasting else 0) as client:
        with pytest.raises(sitq.UnavailableError, match=f"cannot reach {address}: {text}") as caught:
            await client.enqueue("secured", "nothing")
        assert (caught.value.handshake, caught.value.unreached) == (handshake, True)


@pytest.mark.parametrize("size", [20_000, 100_000, 1_000_000])
async def test_a_call_whose_headers_are_too_large_is_not_repeated_for_long(sitq_server: Server, size: int) -> None:
    async with sitq.connect(sitq_server.address, token="x" * size, retry_timeout=600) as client:
        with pytest.raises(sitq.CallError, match="headers") as caught:
            await client.enqueue("headers", "nothing")
        assert caught.value.reason == "HEADERS_TOO_LARGE" or caught.value.unreached


async def test_a_call_that_finds_no_room_five_times_in_a_row_is_not_repeated() -> None:
    tries = 0

    async def call() -> None:
        nonlocal tries
        tries += 1
        raise sitq.UnavailableError(f"cannot reach x: {'gone' if tries == 2 else NO_ROOM}", unreached=True)

    with pytest.raises(sitq.UnavailableError):
        await retry(call, within=600)
    assert tries == 7


async def test_a_token_is_asked_for_again_when_the_server_refuses_it(tmp_path: Path) -> None:
    with Server(["--auth", "on", "--bootstrap-token-file", str(tmp_path / "token")]) as server:
        token = (tmp_path / "token").read_text().strip()
        answers = ["stale-token", token]

        async def provide() -> str:
            return answers.pop(0) if len(answers) > 1 else answers[0]

        async with sitq.connect(server.address, token=provide) as client:
            assert [each async for each in client.list_tasks()] == []
            assert answers == [token]
        async with sitq.connect(server.address, token_file=tmp_path / "token") as client:
            assert [each async for each in client.list_tasks()] == []
        async with sitq.connect(server.address, token="wrong") as client:
            with pytest.raises(sitq.UnauthenticatedError):
                await client.get_task("x")
        async with sitq.connect(server.address) as client:
            with pytest.raises(sitq.reasons.CredentialsRequired):
                await client.get_task("x")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"address": "nowhere"}, "address: 'nowhere' is no host:port"),
        (
            {"address": "sitq.internal:50051", "token": "x"},
            "token: it is not sent to sitq.internal:50051 in clear text",
        ),
        ({"token": "two words"}, "token: expected one word"),
        ({"token": "x", "token_file": "y"}, "token: given twice"),
        ({"tls": sitq.Tls(cert="x.pem")}, "tls: a client certificate needs both: cert and key"),
        ({"tls": sitq.Tls(ca=Path("/nowhere/ca.pem"))}, "tls.ca: cannot be read: No such file"),
        ({"tls": sitq.Tls(ca=b"nothing")}, "tls.ca: holds nothing in PEM"),
    ],
)
def test_options_that_are_not_usable_are_refused(options: dict[str, object], problem: str) -> None:
    with pytest.raises(sitq.InvalidArgumentError, match=problem):
        sitq.connect(**options)  # type: ignore[arg-type]


def test_a_token_in_clear_text_stays_on_this_machine_unless_it_is_said() -> None:
    for address in ("127.0.0.1:1", "localhost:1", "[::1]:1", "unix:/run/sitq.sock"):
        sitq.connect(address, token="x")
    sitq.connect("sitq.internal:50051", token="x", insecure=True)
