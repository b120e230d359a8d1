"""Times, rates and shares as people write them."""

import argparse
import re


def number(text, units, what):
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([a-z%]*)", text.strip().lower())
    if not found or found[2] not in units:
        raise argparse.ArgumentTypeError(f"'{text}' is no {what}; units: {', '.join(filter(None, units))}")
    return float(found[1]) * units[found[2]]


def seconds(text):
    """Seconds of `20ms`, `1s`, `500us`."""
    return number(text, {"us": 1e-6, "ms": 1e-3, "s": 1}, "time") if text != "0" else 0


def rate(text):
    """Bytes per second of `100mbit`, `1gbit`, `512kbit`; None of `none`."""
    if text == "none":
        return None
    value = number(text, {"kbit": 125, "mbit": 125e3, "gbit": 125e6}, "rate")
    if value <= 0:
        raise argparse.ArgumentTypeError("a rate must be above 0; 'none' is no limit")
    return value


def share(text):
    """Processors of `12%` (0.12) or `200%` (2); None of `none`."""
    if text == "none":
        return None
    value = number(text, {"%": 0.01}, "share of a processor")
    if value < 0.01:
        raise argparse.ArgumentTypeError("a machine needs at least 1% of a processor; 'none' is no limit")
    return value


def counts(text):
    """`1,2,4,8` as a list without repeats, in this order."""
    found = [int(part) for part in text.split(",") if part.strip().isdigit()]
    if len(found) != len(text.split(",")) or not all(1 <= count <= 200 for count in found):
        raise argparse.ArgumentTypeError(f"'{text}' is no list of numbers from 1 to 200, such as 1,2,4,8")
    return list(dict.fromkeys(found))
