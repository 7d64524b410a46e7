"""Samplers and schedules by the names that they have there."""

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
}
SCHEDULES: Mapping[str, str] = {
    "Uniform": "normal",
    "Karras": "karras",
    "Exponential": "exponential",
    "Polyexponential": "exponential",  # the same where rho is 1, as it is there
    "SGM Uniform": "sgm_uniform",
    "KL Optimal": "kl_optimal",
    "Simple": "simple",
    "Normal": "normal",
    "DDIM": "ddim_uniform",
    "Beta": "beta",
}
AUTOMATIC = "Automatic"


def sampler_of(making: Making, name: str | None, schedule: str | None) -> tuple[str, str]:
    """The sampler and schedule of names as they are told there, joined in old pictures ("DPM++ 2M Karras")."""
    name = name or "Euler a"
    joined = next((label for label in SCHEDULES if name.endswith(f" {label}")), None)
    if joined is not None and name not in SAMPLERS:
        name, schedule = name.removesuffix(f" {joined}"), schedule or joined
    if name not in SAMPLERS:
        making.lost.append(f"the sampler {name}: Euler stands in for it")
    sampler, own = SAMPLERS.get(name, ("euler", "normal"))
    if schedule in (None, AUTOMATIC):
        return sampler, own
    if schedule not in SCHEDULES:
        making.lost.append(f"the schedule {schedule}: {own} stands in for it")
    return sampler, SCHEDULES.get(schedule, own)
