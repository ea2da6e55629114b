"""The price of encoding one event, by payload."""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import payloads
import sioc


@pytest.mark.parametrize("payload", payloads.SHAPES)
def test_prepare(benchmark: BenchmarkFixture, payload: str) -> None:
    value = payloads.series(payload)[0]
    benchmark(sioc.prepare, payloads.EVENT, value)


@pytest.mark.parametrize("size", payloads.BLOB_SIZES.values(), ids=payloads.BLOB_SIZES)
def test_prepare_attachment(benchmark: BenchmarkFixture, size: int) -> None:
    benchmark(sioc.prepare, payloads.EVENT, payloads.blob(size))
