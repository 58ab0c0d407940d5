"""Temperatures that are measured on what the untouched encoder says."""

from __future__ import annotations

import torch

from custom_components.joint_bert.calibration import (
    USUAL,
    final_temperature,
    untouched_temperature,
)


def drawn(temperature: float, count: int = 4000) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores, and classes drawn as if the scores were calibrated at a temperature."""
    generator = torch.manual_seed(3)
    scores = 3 * torch.randn(count, 5, generator=generator)
    shares = (scores / temperature).softmax(-1)
    return scores, torch.multinomial(shares, 1, generator=generator).flatten()


def test_it_finds_the_temperature_that_the_classes_were_drawn_at() -> None:
    for temperature in (0.6, 1.0, 1.4):
        found = float(untouched_temperature(*drawn(temperature)))
        assert abs(found - temperature) < 0.1


def test_only_examples_of_intents_say_nothing() -> None:
    scores, classes = drawn(1.4)
    lonely = torch.full((1, 6), 0.0)
    lonely[0, 0] = 1000.0
    wider = torch.cat([scores, torch.full((len(scores), 1), -100.0)], 1)

    # The only example of class 5, left out of itself, must look like something else.
    found = untouched_temperature(
        torch.cat([wider, lonely]), torch.cat([classes, torch.tensor([5])])
    )

    assert float(found) == float(untouched_temperature(scores, classes))


def test_too_few_examples_get_the_usual_one() -> None:
    scores, classes = drawn(1.4, count=30)

    assert float(untouched_temperature(scores, classes)) == torch.tensor(USUAL)


def test_harder_data_and_more_opinions_take_more() -> None:
    easy, hard = torch.tensor(0.8), torch.tensor(1.0)

    assert final_temperature(easy, True) < final_temperature(hard, True)
    assert final_temperature(hard, False) == 1.0


def test_easy_data_do_not_make_the_sum_of_opinions_surer_than_it_may_be() -> None:
    easy, easier = torch.tensor(0.6), torch.tensor(0.4)

    assert final_temperature(easier, True) == final_temperature(easy, True)
    assert float(final_temperature(easy, True)) > 1.1 + 1.4 * float(easy)
