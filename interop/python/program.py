"""Calls services by grpcio's xDS, for interop/README.md."""

import json
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import grpc


def main() -> None:
    channels: dict[str, grpc.Channel] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        target = asked["target"]
        if target not in channels:
            channel = grpc.insecure_channel(target)
            channels[target] = channel
        print(json.dumps(call_all(channels[target], asked)), flush=True)
    for channel in channels.values():
        channel.close()


def call_all(channel: grpc.Channel, asked: dict) -> dict:
    """Makes the calls of a command, as many at a time as it says."""
    # An empty message is no bytes, and what is answered is not read.
    check = channel.unary_unary("/grpc.health.v1.Health/Check")
    headers = tuple(asked["headers"].items())
    deadline = asked["deadline_ms"] / 1_000
    answers: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    messages: list[str] = []

    def call(_: int) -> tuple[str, grpc.RpcError | None]:
        try:
            _, made = check.with_call(b"", timeout=deadline, metadata=headers)
            return dict(made.initial_metadata())["instance-id"], None
        except grpc.RpcError as error:
            return error.code().name, error

    with ThreadPoolExecutor(asked["concurrency"]) as lanes:
        for name, error in lanes.map(call, range(asked["calls"])):
            if error is None:
                answers[name] += 1
                continue
            failures[name] += 1
            if len(messages) < 3:
                messages.append(error.details())
    return {"answers": answers, "failures": failures, "messages": messages}


if __name__ == "__main__":
    main()
