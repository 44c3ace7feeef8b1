"""Where a store is: what people may say, and what the environment adds."""

from pathlib import Path

import pytest

from fumo.depot.places import (
    Bucket,
    S3Settings,
    WrongStore,
    from_environment,
    place,
    to_environment,
)


def test_a_folder_or_a_bucket():
    assert place("depot") == Path("depot")
    assert place("s3://packages") == Bucket("packages")
    assert place("s3://packages/fumo/prod/") == Bucket("packages", "fumo/prod")
    assert str(place("s3://packages/fumo")) == "s3://packages/fumo"


@pytest.mark.parametrize("said", ["s3://", "s3://A", "s3://a b/c", "http://x/y", "s3://abc/../d"])
def test_anything_else_is_no_store(said):
    with pytest.raises(WrongStore, match="no store"):
        place(said)


def test_what_is_not_said_the_environment_may_say():
    told = {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b", "AWS_REGION": "x",
            "AWS_ACCESS_KEY_ID": "id", "HOME": "no"}  # fmt: skip
    assert from_environment(told, S3Settings(region="y")) == S3Settings(
        endpoint="http://b", region="y", access_key_id="id"
    )


def test_another_process_is_told_the_same():
    settings = S3Settings("http://a", "r", "id", "secret", "token", "https://b")
    assert from_environment(to_environment(settings), S3Settings()) == settings
