"""Samplers and schedules by the names that they have there."""

import re
from collections.abc import Mapping

from graphengine.compat.a1111.making import Making

# name there -> the sampler here, and the schedule that it takes where none is told
SAMPLERS: Mapping[str, tuple[str, str]] = {
    "DPM++ 2M": ("dpmpp_2m", "karras"),
    "DPM++ SDE": ("dpmpp_sde", "karras"),
    "DPM++ 2M SDE": ("dpmpp_2m_sde", "exponential"),
    "DPM++ 2M SDE Heun": ("dpmpp_2m_sde_heun", "exponential"),
    "DPM++ 2S a": ("dpmpp_2s_ancestral", "karras"),
    "DPM++ 3M SDE": ("dpmpp_3m_sde", "exponential"),
    "Euler a": ("euler_ancestral", "normal"),
    "Euler": ("euler", "normal"),
    "LMS": ("lms", "normal"),
    "Heun": ("heun", "normal"),
    "DPM2": ("dpm_2", "karras"),
    "DPM2 a": ("dpm_2_ancestral", "karras"),
    "DPM fast": ("dpm_fast", "normal"),
    "DPM adaptive": ("dpm_adaptive", "normal"),
    "DDIM": ("ddim", "ddim_uniform"),
    "PLMS": ("plms", "ddim_uniform"),
    "UniPC": ("uni_pc", "ddim_uniform"),
    "LCM": ("lcm", "sgm_uniform"),
    "Restart": ("heun", "karras"),
    "DDIM CFG++": ("ddim", "ddim_uniform"),
}
FIRST = "DPM++ 2M"  # what names that are no sampler's stand for
STAND_INS: Mapping[str, str] = {"Restart": "Heun", "DDIM CFG++": "DDIM"}
AUTOMATIC = "Automatic"
# label there, in the order in which they are looked for -> the schedule here; None: that of the sampler
SCHEDULES: Mapping[str, str | None] = {
    AUTOMATIC: None,
    "Uniform": "normal",
    "Karras": "karras",
    "Exponential": "exponential",
    "Polyexponential": "exponential",  # the same where rho is 1, as it is there
    "SGM Uniform": "sgm_uniform",
    "KL Optimal": "kl_optimal",
    "Align Your Steps": None,
    "Simple": "simple",
    "Normal": "normal",
    "DDIM": "ddim_uniform",
    "Beta": "beta",
}
SPACED_OTHERWISE = ("KL Optimal", "Beta")  # than those of the same name here
UNIFORM = "normal"
NAMED_BEFORE = ("karras", "exponential")  # schedules that were part of a sampler's name before they were chosen
# release, also of programs that tell whose release they follow ("f0.0.17v1.8.0")
RELEASE = re.compile(r"(?:f[\d.]{1,20}v|v?)(\d{1,4})\.(\d{1,4})")
FIRST_WITH_SCHEDULES = (1, 9)
ALIASES: Mapping[str, str] = {"SGM Uniform": "SGMUniform"}


def sampler_of(making: Making, name: str | None, schedule: str | None) -> tuple[str, str]:
    """The sampler and schedule of names as they are told there, joined in old pictures ("DPM++ 2M Karras")."""
    name, label = _parted(name or "Euler a", schedule)
    is_known = name in SAMPLERS and name not in STAND_INS
    if not is_known:
        making.lost.append(f"the sampler {name}: {STAND_INS.get(name, FIRST)} stands in for it")
    sampler, own = SAMPLERS.get(name, SAMPLERS[FIRST])
    is_plain = is_known and schedule is None and label == AUTOMATIC
    if is_plain and own in NAMED_BEFORE and _is_old(making.text("Version") or ""):
        making.remarks.append(
            f"Before version 1.9 {name} without a schedule's name went with the uniform one: {UNIFORM}."
        )
        own = UNIFORM
    found = SCHEDULES.get(label)
    if found is None and label != AUTOMATIC:
        making.lost.append(f"the schedule {label}: {own} stands in for it")
    if label in SPACED_OTHERWISE:
        making.lost.append(f"the schedule {label}: its noise levels are others there, {found} stands in for it")
    return sampler, found or own


def _is_old(version: str) -> bool:
    release = RELEASE.match(version)
    return release is not None and (int(release[1]), int(release[2])) < FIRST_WITH_SCHEDULES


def _parted(name: str, schedule: str | None) -> tuple[str, str]:
    """A sampler, and the label of a schedule; one that the sampler's name ends with counts."""
    for label in SCHEDULES:
        for written in _names(label):
            if name.endswith(f" {written}"):
                return name.removesuffix(f" {written}"), label
    return name, next((label for label in SCHEDULES if schedule in _names(label)), schedule or AUTOMATIC)


def _names(label: str) -> tuple[str, ...]:
    """All names of a schedule there."""
    return label, label.lower().replace(" ", "_"), ALIASES.get(label, label)
