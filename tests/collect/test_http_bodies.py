"""Bodies: every packing is read whole, and bombs, endless, short and damaged ones are stopped with a reason."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import os
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from listen.collect.http import Client, Limits, Validators, decode
from listen.collect.http.client import PIECES
from tests.collect.asking import ask, refusal
from tests.collect.clocks import TurnedClock
from tests.collect.server import Reply, Seen, Server, served

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(wire=100_000, decoded=200_000, total=20, connect=10, read=10)
TEXT = "Der Akku ist tot. 電池が死んだ。\n".encode() * 500


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: bytes(brotli.compress(data, quality=5)),
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.fixture
async def client(clock: TurnedClock) -> AsyncIterator[Client]:
    async with Client(clock, gap=0, limits=LIMITS) as polite:
        yield polite


@pytest.mark.parametrize("encoding", PACKERS)
@pytest.mark.parametrize("chunks", [0, 1, 700])
async def test_every_offered_packing_is_read(client: Client, server: Server, encoding: str, chunks: int) -> None:
    packed = PACKERS[encoding](TEXT)
    server.on("/feed", Reply(body=packed, headers={"Content-Encoding": encoding.upper()}, chunks=chunks))
    fetched = await ask(client, server.url("/feed"))
    assert fetched.answer is not None
    assert fetched.answer.body == TEXT


@pytest.mark.parametrize("encoding", ["", "identity", "gzip", "br", "zstd", "deflate"])
async def test_an_empty_body_is_empty_in_every_packing(client: Client, server: Server, encoding: str) -> None:
    server.on("/feed", Reply(headers={"Content-Encoding": encoding}))
    fetched = await ask(client, server.url("/feed"))
    assert fetched.answer is not None
    assert fetched.answer.body == b""


@pytest.mark.parametrize("encoding", ["gzip, gzip", "identity, br, gzip", "compress", "utf-8", "gzip;q=1"])
async def test_stacked_and_unknown_packings_are_refused(client: Client, server: Server, encoding: str) -> None:
    body = gzip.compress(gzip.compress(TEXT))
    server.on("/feed", Reply(body=body, headers={"Content-Encoding": encoding}))
    assert (await refusal(client, server.url("/feed"))).reason == "encoding"


@pytest.mark.parametrize("encoding", PACKERS)
async def test_a_bomb_stops_at_the_decoded_limit(client: Client, server: Server, encoding: str) -> None:
    server.on("/feed", Reply(body=PACKERS[encoding](bytes(5_000_000)), headers={"Content-Encoding": encoding}))
    fault = await refusal(client, server.url("/feed"))
    assert fault.reason == "limit:decoded-bytes"
    assert "200,000" in fault.message
    assert "decoded" in fault.remedy


@pytest.mark.parametrize("encoding", PACKERS)
async def test_a_packing_that_ends_early_is_incomplete(client: Client, server: Server, encoding: str) -> None:
    packed = PACKERS[encoding](os.urandom(5_000))
    server.on("/feed", Reply(body=packed[:-40], headers={"Content-Encoding": encoding, "ETag": '"new"'}))
    assert (await refusal(client, server.url("/feed"))).reason == "incomplete"


@pytest.mark.parametrize("encoding", PACKERS)
async def test_a_packing_that_is_none_is_damaged(client: Client, server: Server, encoding: str) -> None:
    server.on("/feed", Reply(body=b"<rss>this was never packed</rss>", headers={"Content-Encoding": encoding}))
    assert (await refusal(client, server.url("/feed"))).reason == "encoding"


async def test_the_exact_limits_are_allowed_and_one_byte_more_is_not(client: Client, server: Server) -> None:
    server.on("/wire", Reply(body=bytes(100_000)), Reply(body=bytes(100_001)))
    server.on("/chunks", Reply(body=bytes(100_000), chunks=999), Reply(body=bytes(100_001), chunks=999))
    packed = {"Content-Encoding": "gzip"}
    fits, bursts = gzip.compress(bytes(200_000)), gzip.compress(bytes(200_001))
    server.on("/gzip", Reply(body=fits, headers=packed), Reply(body=bursts, headers=packed))
    for path, reason in (("/wire", "wire"), ("/chunks", "wire"), ("/gzip", "decoded")):
        assert (await ask(client, server.url(path))).answer is not None
        assert (await refusal(client, server.url(path))).reason == f"limit:{reason}-bytes"


async def test_an_endless_body_is_stopped(client: Client, server: Server) -> None:
    async def endless(request: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    server.on("/feed", endless)
    assert (await refusal(client, server.url("/feed"))).reason == "limit:wire-bytes"


async def test_endless_interim_answers_are_stopped(client: Client, server: Server) -> None:
    async def endless(request: Seen, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 103 Early\r\nLink: " + b"x" * 8_000 + b"\r\n\r\n")
            await writer.drain()

    server.on("/feed", endless)
    assert (await refusal(client, server.url("/feed"))).reason == "limit:wire-bytes"


async def test_a_body_in_crumbs_is_stopped(server: Server, clock: TurnedClock) -> None:
    server.on("/feed", Reply(body=bytes(PIECES + 1), chunks=1))
    server.on("/lines", Reply(body=bytes((PIECES + 1) * 24), chunks=24))
    async with Client(clock, gap=0) as client:
        assert (await refusal(client, server.url("/feed"))).reason == "limit:pieces"
        assert (await ask(client, server.url("/lines"))).answer is not None


async def test_an_announced_length_beyond_the_limit_is_not_even_read(client: Client, server: Server) -> None:
    for length in ("100001", "9" * 30):
        server.on("/feed", Reply(headers={"Content-Length": length}))
        assert (await refusal(client, server.url("/feed"))).reason in {"limit:wire-bytes", "protocol"}


async def test_a_short_body_is_incomplete_and_leaves_the_validators_alone(client: Client, server: Server) -> None:
    short = Reply(body=b"<rss>", headers={"Content-Length": "99", "ETag": '"new"'}, close=True)
    server.on("/feed", Reply(body=TEXT, headers={"ETag": '"old"'}), short, Reply(304))
    first = await ask(client, server.url("/feed"))
    assert (await refusal(client, server.url("/feed"), validators=first.validators)).reason == "incomplete"
    assert isinstance(first.validators, Validators)
    assert (await ask(client, server.url("/feed"), validators=first.validators)).not_modified
    assert server.seen[2].headers["if-none-match"] == '"old"'


async def test_a_cut_chunked_body_is_incomplete(client: Client, server: Server) -> None:
    async def cut(request: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n")

    server.on("/feed", cut)
    assert (await refusal(client, server.url("/feed"))).reason == "incomplete"


@pytest.mark.parametrize(
    "first", [b"", b"HTTP/1.1 200 Fine\r\n", b"HTTP/1.1 200 Fine\r\nContent-Length: 99999\r\n\r\n<"]
)
async def test_drips_and_silence_meet_the_total_deadline(clock: TurnedClock, server: Server, first: bytes) -> None:
    async def drip(request: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        for n in range(1_000_000):
            await asyncio.sleep(0.05)
            if first:
                writer.write(b"<" if b"\r\n\r\n" in first else b"X-%d: a\r\n" % n)

    server.on("/drip", drip)
    server.on("/good", Reply(body=TEXT))
    limits = Limits(total=0.3)
    async with Client(clock, gap=0, limits=limits) as client:
        dripping = asyncio.create_task(refusal(client, server.url("/drip")))
        assert (await ask(client, server.url("/good"))).answer is not None
        fault = await dripping
    assert fault.reason == "timeout"
    assert "0.3 s" in fault.message


async def test_the_deadline_spans_redirects(clock: TurnedClock, server: Server) -> None:
    async def slow(request: Seen, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.12)
        target = int(request.path[1:]) + 1
        writer.write(b"HTTP/1.1 302 Go\r\nContent-Length: 0\r\nLocation: /%d\r\n\r\n" % target)

    for hop in range(6):
        server.on(f"/{hop}", slow)
    async with Client(clock, gap=0, limits=Limits(total=0.3)) as client:
        assert (await refusal(client, server.url("/0"))).reason == "timeout"
    assert len(server.seen) < 6


async def test_silence_in_the_middle_is_a_timeout_of_its_own(clock: TurnedClock, server: Server) -> None:
    async def silent(request: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 Fine\r\nContent-Length: 9\r\n\r\n<")
        await asyncio.Event().wait()

    server.on("/feed", silent)
    async with Client(clock, gap=0, limits=Limits(read=0.1)) as client:
        fault = await refusal(client, server.url("/feed"))
    assert fault.reason == "timeout"
    assert "fell silent" in fault.message


@pytest.mark.parametrize("noise", [b"\x00\xff\x17 noise\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"220 smtp ready\r\n\r\n"])
async def test_what_is_not_http_is_told(client: Client, server: Server, noise: bytes) -> None:
    async def babble(request: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(noise)

    server.on("/feed", babble)
    fault = await refusal(client, server.url("/feed"))
    assert fault.reason == "protocol"
    assert "noise" not in fault.message


async def test_a_connection_closed_without_a_word_is_told(client: Client, server: Server) -> None:
    async def nothing(request: Seen, writer: asyncio.StreamWriter) -> None:
        pass

    server.on("/feed", nothing)
    assert (await refusal(client, server.url("/feed"))).reason == "connect"


# The decoders by themselves


def unpack(encoding: str, pieces: list[bytes], limit: int = 1 << 30) -> bytes:
    body = decode.Body(decode.unpacker(encoding), limit)
    for piece in pieces:
        body.add(piece)
    return body.close()


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(at % (len(data) + 1) for at in cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(st.binary(max_size=3_000), st.integers(1, 60), st.lists(st.integers(0, 10**6), max_size=5))
def test_however_a_body_is_cut_it_is_the_same(data: bytes, times: int, cuts: list[int]) -> None:
    data *= times
    raw = raw_deflate(data)
    for encoding, packed in [(name, pack(data)) for name, pack in PACKERS.items()] + [("deflate", raw)]:
        # Two bytes of raw deflate may look like the head of a wrapped one; servers that send it start with other bits.
        assert unpack(encoding, cut(packed, cuts)) == data


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_several_members_in_a_row_are_one_body(encoding: str) -> None:
    packed = PACKERS[encoding](b"one ") + PACKERS[encoding](b"two ") + PACKERS[encoding](b"three")
    assert unpack(encoding, [packed]) == b"one two three"
    assert unpack(encoding, [packed[n : n + 1] for n in range(len(packed))]) == b"one two three"
    with pytest.raises(decode.Truncated):
        unpack(encoding, [packed[:-3]])


def test_padding_after_gzip_is_left_alone() -> None:
    assert unpack("gzip", [gzip.compress(b"one") + bytes(512)]) == b"one"
    assert unpack("br", [brotli.compress(b"one"), b"junk"]) == b"one"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_thousands_of_empty_members_are_refused(encoding: str) -> None:
    with pytest.raises(decode.Damaged):
        unpack(encoding, [PACKERS[encoding](b"") * (decode.MEMBERS + 1)])


def test_a_zstd_window_beyond_what_http_allows_is_refused() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    with pytest.raises(decode.Damaged):
        unpack("zstd", [packer.compress(b"x" * 100) + packer.flush()])


@pytest.mark.parametrize("encoding", PACKERS)
def test_a_decoder_never_hands_out_much_at_a_time(encoding: str) -> None:
    packed = PACKERS[encoding](bytes(64 << 20))
    unpacker = decode.unpacker(encoding)
    assert unpacker is not None
    sizes = [len(part) for part in unpacker.steps(packed)]
    assert sum(sizes) == 64 << 20
    assert max(sizes) <= 8 * decode.STEP


GROWTH = """
import asyncio, re, sys
from pathlib import Path
from listen.clock import SystemClock
from listen.collect.http import Client, FetchError
from sources.base import Request

def peak():
    # Not ru_maxrss: a started process inherits the peak of the one that started it.
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

async def main():
    async with Client(SystemClock(), gap=0) as client:
        await client.fetch(Request(sys.argv[1] + "/warm"), allow_private=["127.0.0.1"])
        before = peak()
        for name in ("gzip", "br", "zstd"):
            try:
                await client.fetch(Request(sys.argv[1] + "/" + name), allow_private=["127.0.0.1"])
            except FetchError as fault:
                print(fault.reason)
        print(int(peak() - before))

asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_bombs_cost_no_memory() -> None:
    """300 MiB in a few hundred bytes, against the default limits, in a process of its own."""
    packers = {
        "gzip": zlib.compressobj(9, zlib.DEFLATED, 31),
        "br": brotli.Compressor(quality=5, lgwin=24),
        "zstd": zstandard.ZstdCompressor().compressobj(),
    }
    with served() as server:
        server.on("/warm", Reply(body=b"x"))
        for name, packer in packers.items():
            add = packer.process if name == "br" else packer.compress
            end = packer.finish if name == "br" else packer.flush
            bomb = b"".join(add(bytes(1 << 20)) for _ in range(300)) + end()
            server.on(f"/{name}", Reply(body=bomb, headers={"Content-Encoding": name}))
        command = [sys.executable, "-c", GROWTH, server.url("")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=120)
    *reasons, growth = done.stdout.split()
    assert reasons == ["limit:decoded-bytes"] * 3
    assert int(growth) < 100
