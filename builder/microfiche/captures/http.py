"""HTTP responses as WARC files keep them: status, headers, and the body as it was before transfer.

Bodies are often stored otherwise than their headers say: joined from their chunks or decompressed
already. What is no such encoding at all is taken as it is; what begins as one and does not end as
one is cut or damaged, and says so. Nothing inflates beyond the limit.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

STATUS = re.compile(rb"(?:HTTP/[0-9.]{1,4}|ICY)[ \t]+([1-9][0-9]{2})(?![0-9])")
HEADER_END = re.compile(rb"\r?\n\r?\n")
FOLDED = re.compile(rb"\r?\n[ \t]+")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
RANGE = re.compile(r"bytes\s+([0-9]+)-([0-9]+)/([0-9]+|\*)", re.IGNORECASE)
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
GZIP_MAGIC = b"\x1f\x8b"
STEP = 1 << 16


class BadMessageError(Exception):
    """The octets are no HTTP response, or its body cannot be read whole."""


class Message(NamedTuple):
    """An HTTP response.

    entity   the body with its chunks joined
    body     the entity decompressed
    is_part  the headers say that the body is only a part of what there was
    """

    status: int
    headers: Mapping[str, str]
    payload: bytes
    entity: bytes
    body: bytes
    is_part: bool

    @property
    def media_type(self) -> str:
        """Media type in lower case, without parameters; empty if none is stated."""
        stated = self.headers.get("content-type", "").partition(";")[0].partition(",")[0]
        return stated.strip().lower()

    @property
    def charset(self) -> str | None:
        """The charset that Content-Type states; None if it states none."""
        match = CHARSET.search(self.headers.get("content-type", ""))
        return match[1] if match else None


def read_message(block: bytes, limit: int, *, cut: bool = False) -> Message:
    """The response in a block. `cut`: it is known to be truncated, so that its end proves nothing.

    Raises BadMessageError.
    """
    end = HEADER_END.search(block)
    head, payload = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    match = STATUS.match(head)
    if not match:
        raise BadMessageError("its HTTP message has no status line")
    headers = _headers(head)
    entity = payload
    if "chunked" in headers.get("transfer-encoding", "").lower():
        entity = _joined(payload, cut=cut)
    body = entity
    for name in reversed(headers.get("content-encoding", "").lower().split(",")):
        decode = DECODERS.get(name.strip())
        if decode and body:
            body = decode(body, limit, cut)
    return Message(int(match[1]), headers, payload, entity, body, _is_part(headers, payload))


def _headers(head: bytes) -> dict[str, str]:
    """Headers by lower-case name; values of one name are joined by commas (RFC 9110, 5.2)."""
    found: dict[str, list[str]] = {}
    for line in FOLDED.sub(b" ", head).splitlines()[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            key = name.decode("ascii", "replace").strip().lower()
            text = value.decode("utf-8", "replace").strip()
            found.setdefault(key, []).append(text)
    return {key: ", ".join(values) for key, values in found.items()}


def _is_part(headers: Mapping[str, str], payload: bytes) -> bool:
    """Whether the message itself says that it is incomplete."""
    part = RANGE.search(headers.get("content-range", ""))
    if part and part[3] != "*" and int(part[2]) - int(part[1]) + 1 < int(part[3]):
        return True
    encoded = headers.keys() & {"content-encoding", "transfer-encoding"}
    length = headers.get("content-length", "").partition(",")[0].strip()
    return not encoded and length.isdecimal() and int(length) > len(payload) > 0


def _joined(payload: bytes, *, cut: bool) -> bytes:
    """A body with its chunks joined; as it is where no chunk begins it. Raises BadMessageError."""
    parts: list[bytes] = []
    at = 0
    while match := CHUNK_SIZE.match(payload, at):
        size, start = int(match[1], 16), match.end()
        if size == 0:
            return b"".join(parts)
        parts.append(payload[start : start + size])
        ending = payload[start + size : start + size + 2]
        at = start + size + (1 if ending[:1] == b"\n" else 2)
        if ending not in (b"\r\n", b"\n") and ending[:1] != b"\n":
            break
    if not parts and payload.lstrip()[:1] in (b"<", b"{", GZIP_MAGIC[:1]):
        return payload
    if cut:
        return b"".join(parts) or payload
    raise BadMessageError("its chunks are damaged or cut short")


def _inflate(data: bytes, limit: int, cut: bool) -> bytes:
    """A gzip body of one or many members, or as it is."""
    if data[:2] != GZIP_MAGIC:
        return data
    out = bytearray()
    while data[:2] == GZIP_MAGIC:
        member = zlib.decompressobj(wbits=31)
        _drain(member, data, out, limit)
        if not member.eof:
            return _as_far(out, cut, "gzip")
        data = member.unused_data
    return bytes(out)


def _deflate(data: bytes, limit: int, cut: bool) -> bytes:
    """A deflate body, with zlib's frame or without (RFC 9110, 8.4.1.2), or as it is."""
    for wbits in (15, -15):
        stream, out = zlib.decompressobj(wbits=wbits), bytearray()
        _drain(stream, data, out, limit)
        if stream.eof:
            return bytes(out)
        if out and wbits > 0:
            return _as_far(out, cut, "deflate")
    return data


def _drain(stream: zlib._Decompress, data: bytes, out: bytearray, limit: int) -> None:
    """Inflate up to the limit into `out`, as far as the data go. Raises BadMessageError."""
    try:
        while data and not stream.eof:
            out += stream.decompress(data, STEP)
            data = stream.unconsumed_tail
            _check_size(out, limit)
    except zlib.error:
        return


def _check_size(out: bytearray, limit: int) -> None:
    if len(out) > limit:
        raise BadMessageError(f"its body is more than {limit:,} bytes once decoded")


def _as_far(out: bytearray, cut: bool, name: str) -> bytes:
    if not cut:
        raise BadMessageError(f"its {name} body is damaged or cut short")
    return bytes(out)


def _by_reader(name: str) -> Callable[[bytes, int, bool], bytes]:
    """A decoder by one of fastwarc's readers."""

    def decode(data: bytes, limit: int, cut: bool) -> bytes:
        from fastwarc import stream_io

        reader, out = getattr(stream_io, name)(io.BytesIO(data)), bytearray()
        try:
            while block := reader.read(STEP):
                out += block
                _check_size(out, limit)
        except OSError:
            if not out and data.lstrip()[:1] in (b"<", b"{"):
                return data
            return _as_far(out, cut, name.removesuffix("Reader").lower())
        return bytes(out)

    return decode


DECODERS: Mapping[str, Callable[[bytes, int, bool], bytes]] = {
    "gzip": _inflate,
    "x-gzip": _inflate,
    "deflate": _deflate,
    "br": _by_reader("BrotliReader"),
    "zstd": _by_reader("ZstdReader"),
}
