"""What streams bring a few times a second is told once in a while."""

from listen.cli.collect import gathered
from listen.collect.events import Event


def test_frames_are_summed_up_and_everything_else_is_told_at_once() -> None:
    told: list[Event] = []
    tell = gathered(told.append, 30.0)
    for second in range(100):
        tell(Event("frames", float(second), "live", "all", new=1, again=2))
        tell(Event("frames", float(second), "other", "all"))
    tell(Event("error", 100.0, "live", "all", message="gone"))
    assert [(event.at, event.source, event.new, event.again) for event in told] == [
        (0.0, "live", 1, 2), (30.0, "live", 30, 60), (60.0, "live", 30, 60), (90.0, "live", 30, 60),
        (100.0, "live", 0, 0),
    ]  # fmt: skip
