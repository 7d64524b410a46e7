"""Samplers and their options."""

from typing import Annotated, Literal

from graphengine.api import Range, node
from graphengine.diffusion import types
from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.ports import Model, Sampler

Name = Literal[
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2", "exp_heun_2_x0",
    "exp_heun_2_x0_sde", "dpm_2", "dpm_2_ancestral", "lms", "dpm_fast", "dpm_adaptive", "dpmpp_2s_ancestral",
    "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde", "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde",
    "dpmpp_2m_sde_gpu", "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm",
    "lcm", "ipndm", "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp", "res_multistep_ancestral",
    "res_multistep_ancestral_cfg_pp", "gradient_estimation", "gradient_estimation_cfg_pp", "er_sde", "seeds_2",
    "seeds_3", "sa_solver", "sa_solver_pece", "ddim", "plms", "uni_pc", "uni_pc_bh2",
]  # fmt: skip
Eta = Annotated[float, Range(0.0, 100.0, 0.01)]
Tolerance = Annotated[float, Range(0.0, 100.0, 0.01)]
Solver = Literal["midpoint", "heun"]
Device = Literal["gpu", "cpu"]
Part = Annotated[float, Range(0.0, 1.0, 0.001)]


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


@node(category="_for_testing", title="SamplerEulerCFG++")
def SamplerEulerCFGpp(version: Literal["regular", "alternative"] = "regular") -> Sampler:
    """Euler's method with CFG++; for a guidance of 1 to 2.

    Args:
        version: As the paper has it, or with steps that go further from the negative.
    """
    return types.Sampler("euler_cfg_pp", {"alternative": version == "alternative"})


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
def SamplerER_SDE(
    solver_type: Literal["ER-SDE", "Reverse-time SDE", "ODE"] = "ER-SDE",
    max_stage: Annotated[int, Range(1, 3)] = 3,
    eta: Eta = 1.0,
    s_noise: Eta = 1.0,
) -> Sampler:
    """Extended reverse-time SDE solver (Cui et al. 2023).

    Args:
        solver_type: How much noise is taken away and added back in a step.
        max_stage: The order.
        eta: Strength of the noise of the reverse-time SDE; 0 is the ODE. Without effect on the others.
        s_noise: Factor of the noise.
    """
    etas = {"ER-SDE": None, "Reverse-time SDE": eta, "ODE": 0.0}
    chosen = etas[solver_type]
    return types.Sampler("er_sde", {"max_stage": max_stage, "eta": chosen, "s_noise": 0.0 if chosen == 0 else s_noise})


@node(category="sampling/custom_sampling/samplers")
def SamplerSEEDS2(
    solver_type: Literal["phi_1", "phi_2"] = "phi_1",
    eta: Eta = 1.0,
    s_noise: Eta = 1.0,
    r: Annotated[float, Range(0.01, 1.0, 0.01)] = 0.5,
) -> Sampler:
    """SEEDS of two stages (Gonzalez et al. 2023). exp_heun_2_x0 is phi_2 with r 1 and eta 0, its sde form with eta 1.

    Args:
        solver_type: How the change between both stages is integrated: approximately, or exactly (phi_2).
        eta: Strength of the noise; 0 is the ODE.
        s_noise: Factor of the noise.
        r: Where in a step the second evaluation is.
    """
    return types.Sampler("seeds_2", {"solver_type": solver_type, "eta": eta, "s_noise": s_noise, "r": r})


@node(category="sampling/custom_sampling/samplers")
def SamplerSASolver(
    model: Model,
    eta: Annotated[float, Range(0.0, 10.0, 0.01)] = 1.0,
    sde_start_percent: Part = 0.2,
    sde_end_percent: Part = 0.8,
    s_noise: Eta = 1.0,
    predictor_order: Annotated[int, Range(1, 6)] = 3,
    corrector_order: Annotated[int, Range(0, 6)] = 4,
    use_pece: bool = False,
    simple_order_2: bool = False,
) -> Sampler:
    """Stochastic Adams method (Xue et al. 2023), which predicts from the last steps and then corrects.

    Args:
        model: Whose training steps the range of the noise is counted in.
        eta: Strength of the noise within the range; 0 is the ODE.
        sde_start_percent: Where noise begins to be added; 0 is the noisiest step.
        sde_end_percent: Where it ends; 1 is the last step.
        s_noise: Factor of the noise.
        predictor_order: Steps that the prediction looks at.
        corrector_order: Steps that the correction looks at; 0 does not correct.
        use_pece: Evaluate again what was corrected: twice the time, more exact.
        simple_order_2: Simpler weights where the order is 2.
    """
    discrete = DiscreteSchedule(model.alphas_cumprod)
    options = {
        "eta": eta, "sde_start": discrete.percent_to_sigma(sde_start_percent),
        "sde_end": discrete.percent_to_sigma(sde_end_percent), "s_noise": s_noise,
        "predictor_order": predictor_order, "corrector_order": corrector_order, "pece": use_pece,
        "simple_order_2": simple_order_2,
    }  # fmt: skip
    return types.Sampler("sa_solver", options)


@node(category="sampling/custom_sampling/samplers")
def SamplerDPMAdaptative(
    order: Annotated[int, Range(2, 3)] = 3,
    rtol: Tolerance = 0.05,
    atol: Tolerance = 0.0078,
    h_init: Tolerance = 0.05,
    pcoeff: Tolerance = 0.0,
    icoeff: Tolerance = 1.0,
    dcoeff: Tolerance = 0.0,
    accept_safety: Tolerance = 0.81,
    eta: Tolerance = 0.0,
    s_noise: Tolerance = 1.0,
) -> Sampler:
    """DPM-Solver with steps as long as an error allows; it takes as many as it needs.

    Args:
        order: Of the method.
        rtol: The error that a step may make, relative to the latents.
        atol: The error that it may make in any case.
        h_init: Length of the first step, in the logarithm of the noise level.
        pcoeff: How the step's length follows the last errors: proportional part.
        icoeff: Integral part.
        dcoeff: Derivative part.
        accept_safety: A step after which the length should shrink more than this is taken again.
        eta: Share of noise that is fresh.
        s_noise: Factor of the fresh noise.
    """
    options = {
        "order": order, "rtol": rtol, "atol": atol, "h_init": h_init, "pcoeff": pcoeff, "icoeff": icoeff,
        "dcoeff": dcoeff, "accept_safety": accept_safety, "eta": eta, "s_noise": s_noise,
    }  # fmt: skip
    return types.Sampler("dpm_adaptive", options)


@node(category="sampling/custom_sampling/samplers")
def SamplerLMS(order: Annotated[int, Range(1, 100)] = 4) -> Sampler:
    """The linear multistep method.

    Args:
        order: How many steps are looked back at.
    """
    return types.Sampler("lms", {"order": order})
