"""Battery and mains out of the kernel's files."""

import pytest

from fumo.device.edges.power_supply import Power, read


@pytest.fixture
def folder(tmp_path):
    def make(**supplies: dict[str, str]):
        for name, values in supplies.items():
            (tmp_path / name).mkdir()
            for key, value in values.items():
                (tmp_path / name / key).write_text(f"{value}\n")
        return tmp_path

    return make


def battery(capacity: str = "50", status: str = "Discharging", **more: str) -> dict[str, str]:
    return {"type": "Battery", "capacity": capacity, "status": status, **more}


def test_a_battery_alone_is_no_mains(folder):
    assert read(folder(BAT0=battery("37"))) == Power(37, False)


def test_a_plugged_charger_is_mains_also_while_the_battery_is_full(folder):
    supplies = folder(BAT0=battery("100", "Full"), AC={"type": "Mains", "online": "1"})
    assert read(supplies) == Power(100, True)


def test_of_several_chargers_one_is_enough(folder):
    off, on = {"type": "Mains", "online": "0"}, {"type": "USB", "online": "1"}
    assert read(folder(AC=off, USB0=on, BAT0=battery())) == Power(50, True)


def test_a_charger_that_is_out_is_no_mains(folder):
    assert read(folder(AC={"type": "Mains", "online": "0"}, BAT0=battery())) == Power(50, False)


def test_where_no_charger_is_shown_the_battery_tells(folder):
    assert read(folder(BAT0=battery(status="Charging"))) == Power(50, True)


def test_the_emptiest_battery_counts(folder):
    assert read(folder(BAT0=battery("80"), BAT1=battery("12"))).battery == 12


def test_the_battery_of_a_mouse_and_an_empty_bay_are_none(folder):
    mouse, bay = battery("5", scope="Device"), battery("0", present="0")
    assert read(folder(MOUSE=mouse, BAY=bay, BAT0=battery("60"))) == Power(60, False)


def test_a_machine_without_a_battery_lives_from_the_mains(folder):
    assert read(folder(AC={"type": "Mains", "online": "1"})) == Power(None, True)


@pytest.mark.parametrize("capacity", ["", "-1", "full", "1e2"])
def test_what_makes_no_sense_is_unknown(folder, capacity):
    assert read(folder(BAT0=battery(capacity))).battery is None


def test_a_battery_that_says_nothing_is_not_on_mains(folder):
    assert read(folder(BAT0={"type": "Battery"})) == Power(None, None)


def test_without_the_folder_nothing_is_known(tmp_path):
    assert read(tmp_path / "nowhere") == Power(None, None)
