"""Samplers and their options."""

from typing import Annotated, Literal

from graphengine.api import Range, node
from graphengine.diffusion import types
from graphengine.ports import Sampler

Name = Literal[
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "dpm_2",
    "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp",
    "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu",
    "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm", "lcm", "ipndm",
    "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp", "er_sde", "ddim", "plms", "uni_pc", "uni_pc_bh2",
]  # fmt: skip
Eta = Annotated[float, Range(0.0, 100.0, 0.01)]
Solver = Literal["midpoint", "heun"]
Device = Literal["gpu", "cpu"]


@node(category="sampling/custom_sampling/samplers")
def KSamplerSelect(sampler_name: Name = "euler") -> Sampler:
    """Choose a sampler with the options it usually has.

    Args:
        sampler_name: The integration method.
    """
    return types.Sampler(sampler_name)


@node(category="sampling/custom_sampling/samplers")
def SamplerEulerAncestral(eta: Eta = 1.0, s_noise: Eta = 1.0) -> Sampler:
    """Euler's method with fresh noise at every step.

    Args:
        eta: Share of noise that is fresh; 0 is plain Euler.
        s_noise: Factor of the fresh noise.
    """
    return types.Sampler("euler_ancestral", {"eta": eta, "s_noise": s_noise})


@node(category="sampling/custom_sampling/samplers", title="SamplerEulerAncestralCFG++")
def SamplerEulerAncestralCFGPP(
    eta: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0, s_noise: Annotated[float, Range(0.0, 10.0, 0.01)] = 1.0
) -> Sampler:
    """Euler's method with CFG++ and fresh noise at every step; for a guidance of 1 to 2.

    Args:
        eta: Share of noise that is fresh.
        s_noise: Factor of the fresh noise.
    """
    return types.Sampler("euler_ancestral_cfg_pp", {"eta": eta, "s_noise": s_noise})


@node(category="sampling/custom_sampling/samplers")
def SamplerDPMPP_2S_Ancestral(eta: Eta = 1.0, s_noise: Eta = 1.0) -> Sampler:
    """DPM-Solver++ of second order in single steps, with fresh noise.

    Args:
        eta: Share of noise that is fresh.
        s_noise: Factor of the fresh noise.
    """
    return types.Sampler("dpmpp_2s_ancestral", {"eta": eta, "s_noise": s_noise})


@node(category="sampling/custom_sampling/samplers")
def SamplerDPMPP_SDE(
    eta: Eta = 1.0,
    s_noise: Eta = 1.0,
    r: Annotated[float, Range(0.01, 100.0, 0.01)] = 0.5,
    noise_device: Device = "gpu",
) -> Sampler:
    """DPM-Solver++ for the diffusion SDE, two evaluations a step.

    Args:
        eta: Strength of the noise; 0 is the ODE.
        s_noise: Factor of the noise.
        r: Where in a step the second evaluation is.
        noise_device: Without effect: noise is drawn on the CPU.
    """
    return types.Sampler("dpmpp_sde", {"eta": eta, "s_noise": s_noise, "r": r})


@node(category="sampling/custom_sampling/samplers")
def SamplerDPMPP_2M_SDE(
    solver_type: Solver = "midpoint", eta: Eta = 1.0, s_noise: Eta = 1.0, noise_device: Device = "gpu"
) -> Sampler:
    """DPM-Solver++ for the diffusion SDE, of second order over two steps.

    Args:
        solver_type: How the last two estimates are extrapolated.
        eta: Strength of the noise; 0 is the ODE.
        s_noise: Factor of the noise.
        noise_device: Without effect: noise is drawn on the CPU.
    """
    return types.Sampler("dpmpp_2m_sde", {"solver_type": solver_type, "eta": eta, "s_noise": s_noise})


@node(category="sampling/custom_sampling/samplers")
def SamplerDPMPP_3M_SDE(eta: Eta = 1.0, s_noise: Eta = 1.0, noise_device: Device = "gpu") -> Sampler:
    """DPM-Solver++ for the diffusion SDE, of third order over three steps.

    Args:
        eta: Strength of the noise; 0 is the ODE.
        s_noise: Factor of the noise.
        noise_device: Without effect: noise is drawn on the CPU.
    """
    return types.Sampler("dpmpp_3m_sde", {"eta": eta, "s_noise": s_noise})


@node(category="sampling/custom_sampling/samplers")
def SamplerLMS(order: Annotated[int, Range(1, 100)] = 4) -> Sampler:
    """The linear multistep method.

    Args:
        order: How many steps are looked back at.
    """
    return types.Sampler("lms", {"order": order})
