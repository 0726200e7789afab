"""Servers are asked politely, and whatever they answer is either what was asked for or a fault with a name."""

import dataclasses
import datetime as dt
from email.utils import format_datetime

import httpx
import pytest

from pipeline.collect.fetch import Fetcher, SourceFault
from pipeline.collect.knowledge import load_knowledge
from tests.collect.site import Answer


def fault_of(fetcher, address, **known):
    with pytest.raises(SourceFault) as raised:
        fetcher.get(address, **known)
    return raised.value


def test_robots_is_asked_first_and_the_tool_gives_its_name(site, fetcher):
    site.routes["/a"] = "page"
    assert fetcher.get(f"{site.root}/a").content == b"page"
    assert [a.path for a in site.asked] == ["/robots.txt", "/a"]
    assert all("goldenthread/" in a.headers["user-agent"] for a in site.asked)


def test_a_pause_lies_between_two_requests(site, fetcher, clock):
    site.routes |= {"/a": "a", "/b": "b"}
    fetcher.get(f"{site.root}/a")
    fetcher.get(f"{site.root}/b")
    assert clock.slept == [2, 2]


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ("User-agent: *\nDisallow: /private", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: goldenthread\nDisallow: /doc*.pdf$\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: otherbot\nDisallow: /", True),
        ("<html><body>not found</body></html>", True),
        (Answer("no", 404), True),
        (Answer("no", 403), True),
        (Answer("", 302, {"Location": "/robots2.txt"}), False),
    ],
)
def test_robots_txt_decides(site, fetcher, robots, allowed):
    site.routes |= {"/robots.txt": robots, "/robots2.txt": "User-agent: *\nDisallow: /", "/docs/a.pdf": "x"}
    if allowed:
        assert fetcher.get(f"{site.root}/docs/a.pdf").content == b"x"
    else:
        assert fault_of(fetcher, f"{site.root}/docs/a.pdf").error == "robots"
        assert "/docs/a.pdf" not in site.paths()


def test_a_crawl_delay_is_kept(site, fetcher, clock):
    site.routes |= {"/robots.txt": "User-agent: *\nCrawl-delay: 7", "/a": "a", "/b": "b"}
    fetcher.get(f"{site.root}/a")
    fetcher.get(f"{site.root}/b")
    assert clock.slept[-1] == 7


def test_where_robots_txt_fails_nothing_is_asked(site, fetcher):
    site.routes |= {"/robots.txt": Answer("", 500), "/a": "a"}
    assert fault_of(fetcher, f"{site.root}/a").error == "host_left_alone"
    assert site.paths() == []


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_may_pass_is_asked_again(site, fetcher, status):
    site.routes["/a"] = [Answer("", status), Answer("", status), "at last"]
    assert fetcher.get(f"{site.root}/a").content == b"at last"


def test_what_does_not_pass_is_a_fault(site, fetcher):
    site.routes["/a"] = Answer("", 503)
    assert fault_of(fetcher, f"{site.root}/a").error == "status_503"
    assert site.paths() == ["/a"] * 4


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(site, fetcher, clock, form):
    until = clock.now() + dt.timedelta(seconds=100)
    value = "100" if form == "seconds" else format_datetime(until, usegmt=True)
    site.routes["/a"] = [Answer("", 429, {"Retry-After": value}), "ok"]
    fetcher.get(f"{site.root}/a")
    assert sum(clock.slept) >= 100


def test_a_host_that_asks_for_hours_is_left_alone(site, fetcher, clock):
    site.routes |= {"/a": Answer("", 503, {"Retry-After": "7200"}), "/b": "b"}
    assert fault_of(fetcher, f"{site.root}/a").error == "status_503"
    assert fault_of(fetcher, f"{site.root}/b").error == "host_left_alone"
    assert site.paths() == ["/a"]
    assert sum(clock.slept) < 10


def test_a_refusal_is_not_asked_again(site, fetcher):
    site.routes["/a"] = Answer("", 403)
    assert fault_of(fetcher, f"{site.root}/a").error == "refused"
    assert site.paths() == ["/a"]


def test_a_host_that_fails_again_and_again_is_left_alone(site, fetcher):
    site.routes |= {f"/{n}": Answer("", 403) for n in range(9)}
    errors = [fault_of(fetcher, f"{site.root}/{n}").error for n in range(9)]
    assert errors == ["refused"] * 5 + ["host_left_alone"] * 4


def test_missing_pages_are_no_failure_of_the_host(site, fetcher):
    assert {fault_of(fetcher, f"{site.root}/{n}").error for n in range(9)} == {"not_found"}


def test_half_a_body_is_asked_again(site, fetcher):
    site.routes["/a"] = [Answer(b"x" * 1000, drop=400), b"x" * 1000]
    assert len(fetcher.get(f"{site.root}/a").content) == 1000


def test_half_a_body_for_ever_is_a_fault(site, fetcher):
    site.routes["/a"] = Answer(b"x" * 1000, drop=400)
    assert fault_of(fetcher, f"{site.root}/a").error == "unreachable"


def test_redirects_are_followed_and_every_host_has_its_robots_txt(site, fetcher):
    other = site.root.replace("127.0.0.1", "localhost")
    site.routes |= {"/a": Answer("", 301, {"Location": f"{other}/b"}), "/b": "there"}
    answer = fetcher.get(f"{site.root}/a")
    assert (answer.content, answer.address) == (b"there", f"{other}/b")
    assert [a.path for a in site.asked] == ["/robots.txt", "/a", "/robots.txt", "/b"]


def test_redirects_in_a_circle_end(site, fetcher):
    site.routes |= {"/a": Answer("", 302, {"Location": "/b"}), "/b": Answer("", 302, {"Location": "/a"})}
    assert fault_of(fetcher, f"{site.root}/a").error == "too_many_redirects"


def test_what_is_had_is_not_sent_again(site, fetcher):
    def respond(asked):
        same = asked.headers.get("if-none-match") == '"7"' and "if-modified-since" in asked.headers
        return Answer("", 304) if same else Answer("new", headers={"ETag": '"7"'})

    site.routes["/a"] = respond
    first = fetcher.get(f"{site.root}/a")
    assert (first.status, first.etag) == (200, '"7"')
    assert fetcher.get(f"{site.root}/a", first.etag, "Mon, 02 Feb 2026 00:00:00 GMT").status == 304


def test_an_answer_without_end_is_cut_off(site, clock):
    polite = load_knowledge().polite.model_copy(update={"largest": 100})
    site.routes["/a"] = b"x" * 1000
    with Fetcher(polite, clock) as fetcher:
        assert fault_of(fetcher, f"{site.root}/a").error == "too_large"


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.ConnectTimeout])
def test_silence_is_a_timeout(clock, error):
    def silent(request):
        if request.url.path == "/robots.txt":
            return httpx.Response(404)
        raise error("silence")

    client = httpx.Client(transport=httpx.MockTransport(silent))
    with Fetcher(load_knowledge().polite, clock, client) as fetcher:
        assert fault_of(fetcher, "http://council.example/a").error == "timeout"


@pytest.mark.parametrize("address", ["ftp://a.example/x", "council", "http://", "mailto:a@b.example"])
def test_what_is_no_address_is_said(fetcher, address):
    assert fault_of(fetcher, address).error == "bad_address"


def test_nobody_listens(fetcher):
    assert fault_of(fetcher, "http://127.0.0.1:9/a").error == "host_left_alone"


def test_the_name_of_the_tool_cannot_be_taken_from_the_settings():
    polite = load_knowledge().polite
    assert "goldenthread" in polite.user_agent
    with pytest.raises(ValueError, match="user_agent"):
        type(polite).model_validate({**polite.model_dump(), "user_agent": "Mozilla/5.0"})


def test_answers_are_frozen(site, fetcher):
    site.routes["/a"] = "x"
    with pytest.raises(dataclasses.FrozenInstanceError):
        fetcher.get(f"{site.root}/a").status = 1
