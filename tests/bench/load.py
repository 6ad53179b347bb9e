"""Buyers: forked processes that do one thing over and over, and an HTTP client that costs little itself."""

import multiprocessing
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, connections

_fork = multiprocessing.get_context("fork")


def rate(make_buyer: Callable[[int], Callable[[], object]], *, buyers: int, seconds: float, threads: int = 1) -> float:
    """
    Return how often a second all buyers together did it.

    `make_buyer(number)` prepares one and returns what it repeats; with `threads`, so many share a process.
    """
    connections.close_all()
    connection.close_pool()  # else the forks would share its sockets
    processes = max(1, buyers // threads)
    start = _fork.Barrier(processes)
    counts = _fork.Array("L", processes)
    children = [
        _fork.Process(target=_repeat, args=(make_buyer, number, min(threads, buyers), start, seconds, counts))
        for number in range(processes)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
        if child.exitcode:
            raise RuntimeError(f"a buyer ended with {child.exitcode}")
    return sum(counts) / seconds


def _repeat(make_buyer, number, threads, start, seconds, counts) -> None:  # type: ignore[no-untyped-def] # ctypes
    buyers = [make_buyer(number * threads + thread) for thread in range(threads)]
    done: list[int] = []
    start.wait(timeout=60)
    until = time.monotonic() + seconds

    def buy(act: Callable[[], object]) -> None:
        times = 0
        while time.monotonic() < until:
            act()
            times += 1
        done.append(times)
        connections.close_all()

    running = [threading.Thread(target=buy, args=[act]) for act in buyers]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if len(done) != len(buyers):
        os._exit(1)
    counts[number] = sum(done)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    head: str
    body: bytes

    def header(self, name: str) -> str:
        found = re.search(rf"(?mi)^{name}: *(.*?)\r?$", self.head)
        return found[1] if found else ""


class Client:
    """One kept connection, with the cookies that a server gave."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = self._socket.makefile("rb")

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"")

    def post(self, path: str, body: str, headers: str = "") -> Answer:
        return self._ask("POST", path, body.encode(), headers)

    def _ask(self, method: str, path: str, body: bytes, headers: str = "") -> Answer:
        path = re.sub(r"^http://[^/]+", "", path)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookies}\r\n"
            f"X-Forwarded-For: {_somebody()}\r\n{headers}"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            self._socket.sendall(head.encode() + body)
            answer = self._answer()
        except OSError:  # a recycled worker closed the kept connection between two requests
            self._connect()
            self._socket.sendall(head.encode() + body)
            answer = self._answer()
        self.statuses[answer.status] += 1
        return answer

    def _answer(self) -> Answer:
        status = self._read.readline()
        if not status:
            raise ConnectionError("closed")
        lines = []
        while (line := self._read.readline()) not in (b"\r\n", b""):
            lines.append(line.decode("latin-1"))
        answer = Answer(int(status.split()[1]), "".join(lines), b"")
        length = int(answer.header("Content-Length") or 0)
        for cookie in re.findall(r"(?mi)^Set-Cookie: *([^=]+)=([^;]*)", answer.head):
            self.cookies[cookie[0]] = cookie[1]
        if "close" in answer.header("Connection").lower():
            body = self._read.read() if not length else self._read.read(length)
            self._connect()
        else:
            body = self._read.read(length)
        return Answer(answer.status, answer.head, body)


def _somebody() -> str:
    """An address, seldom the same twice: a benchmark is a crowd, and no client that hoards."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"


@contextmanager
def server(
    *, settings: str = "config.settings", workers: int = 2, threads: int = 4, **environment: str
) -> Iterator[int]:
    """Run gunicorn as `manage.py serve` does; yield its port, and stop it in the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
    command += ["--no-control-socket", "--log-level", "error", "--keep-alive", "60"]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": settings, "BEHIND_PROXY": "true"} | environment
    process = subprocess.Popen(command, env=env)
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def _wait_for(port: int, process: subprocess.Popen) -> None:
    for _attempt in range(200):
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        try:
            if Client(port).get("/health/live").status:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not answer")


def resident_memory(port: int) -> int:
    """Return the kilobytes that the processes listening on a port hold in memory, the master left out."""
    total = 0
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/cmdline") as file:
                command = file.read()
            with open(f"/proc/{entry}/status") as file:
                status = file.read()
        except OSError:
            continue
        parent = re.search(r"PPid:\t(\d+)", status)
        if f"127.0.0.1:{port}" in command and "gunicorn" in command and parent and parent[1] != str(os.getpid()):
            total += int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index] # every process has it
    return total
