"""The samplers by the names users know, with what each needs around it.

A name is data: a function, the options it is called with, and the kind of noise it draws. ``ddim`` is Euler's method
and ``ddpm`` is Euler with ancestral noise, because written in sigma that is what their formulas come to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.sampling.noise import NoiseKind
from graphengine.diffusion.sampling.samplers import (
    cfg_pp,
    dpm_solver,
    dpmpp,
    dpmpp_sde,
    er_sde,
    euler,
    gradient,
    heun,
    multistep,
    res,
    sa_solver,
    seeds,
    uni_pc,
)


@dataclass(frozen=True)
class Sampler:
    """An integration method as users choose it.

    Attributes:
        run: ``(denoise, x, sigmas, *, noise, on_step, **options) -> x``.
        options: Named parameters of ``run``.
        noise: What it draws, if it does.
        both: ``run`` takes a ``DenoiseBoth``, so the negative pass is always made.
        skip_penultimate: It does badly between the last two levels above zero: make one step more, leave that out.
        of_model: Further options, from the schedule that the model was trained with; ``options`` come before them.
        fresh_inpaint_noise: While inpainting, noise what is kept with other noise than the start's.
    """

    run: Callable[..., Tensor]
    options: Mapping[str, Any] = field(default_factory=dict)
    noise: NoiseKind = "gaussian"
    both: bool = False
    skip_penultimate: bool = False
    fresh_inpaint_noise: bool = False
    of_model: Callable[[DiscreteSchedule], Mapping[str, Any]] = lambda discrete: {}

    def having(self, **options: Any) -> "Sampler":
        """The same with some options changed."""
        return replace(self, options={**self.options, **options})


def _brownian(run: Callable[..., Tensor], **options: Any) -> Sampler:
    return Sampler(run, options, noise="brownian")


def _cfg_pp(run: Callable[..., Tensor], **options: Any) -> Sampler:
    return Sampler(run, options, both=True)


_AT_THE_END: Mapping[str, Any] = {"r": 1.0, "solver_type": "phi_2"}  # Heun's method, in its exponential form


def _middle_of_the_way(discrete: DiscreteSchedule) -> Mapping[str, Any]:
    """Where SA-Solver adds noise: from a fifth to four fifths of the training steps."""
    return {"sde_start": discrete.percent_to_sigma(0.2), "sde_end": discrete.percent_to_sigma(0.8)}


SAMPLERS: dict[str, Sampler] = {
    "euler": Sampler(euler.euler),
    "euler_cfg_pp": _cfg_pp(cfg_pp.euler_ancestral_cfg_pp, eta=0.0),
    "euler_ancestral": Sampler(euler.euler_ancestral),
    "euler_ancestral_cfg_pp": _cfg_pp(cfg_pp.euler_ancestral_cfg_pp),
    "heun": Sampler(heun.heun),
    "heunpp2": Sampler(heun.heunpp2),
    "exp_heun_2_x0": Sampler(seeds.seeds_2, {"eta": 0.0, **_AT_THE_END}),
    "exp_heun_2_x0_sde": Sampler(seeds.seeds_2, _AT_THE_END),
    "dpm_2": Sampler(heun.dpm_2, skip_penultimate=True),
    "dpm_2_ancestral": Sampler(heun.dpm_2_ancestral, skip_penultimate=True),
    "lms": Sampler(multistep.lms, {"end_on_estimate": True}),
    "dpm_fast": Sampler(dpm_solver.dpm_fast),
    "dpm_adaptive": Sampler(dpm_solver.dpm_adaptive),
    "dpmpp_2s_ancestral": Sampler(dpmpp.dpmpp_2s_ancestral),
    "dpmpp_2s_ancestral_cfg_pp": _cfg_pp(cfg_pp.dpmpp_2s_ancestral_cfg_pp),
    "dpmpp_sde": _brownian(dpmpp_sde.dpmpp_sde),
    "dpmpp_sde_gpu": _brownian(dpmpp_sde.dpmpp_sde),
    "dpmpp_2m": Sampler(dpmpp.dpmpp_2m),
    "dpmpp_2m_cfg_pp": _cfg_pp(cfg_pp.dpmpp_2m_cfg_pp),
    "dpmpp_2m_sde": _brownian(dpmpp_sde.dpmpp_2m_sde),
    "dpmpp_2m_sde_gpu": _brownian(dpmpp_sde.dpmpp_2m_sde),
    "dpmpp_2m_sde_heun": _brownian(dpmpp_sde.dpmpp_2m_sde, solver_type="heun"),
    "dpmpp_2m_sde_heun_gpu": _brownian(dpmpp_sde.dpmpp_2m_sde, solver_type="heun"),
    "dpmpp_3m_sde": _brownian(dpmpp_sde.dpmpp_3m_sde),
    "dpmpp_3m_sde_gpu": _brownian(dpmpp_sde.dpmpp_3m_sde),
    "ddpm": Sampler(euler.euler_ancestral, {"eta": 1.0}),
    "lcm": Sampler(euler.lcm),
    "ipndm": Sampler(multistep.ipndm),
    "ipndm_v": Sampler(multistep.ipndm_v),
    "deis": Sampler(multistep.deis),
    "res_multistep": Sampler(res.res_multistep),
    "res_multistep_cfg_pp": _cfg_pp(res.res_multistep_cfg_pp),
    "res_multistep_ancestral": Sampler(res.res_multistep, {"eta": 1.0}),
    "res_multistep_ancestral_cfg_pp": _cfg_pp(res.res_multistep_cfg_pp, eta=1.0),
    "gradient_estimation": Sampler(gradient.gradient_estimation),
    "gradient_estimation_cfg_pp": _cfg_pp(gradient.gradient_estimation_cfg_pp),
    "er_sde": Sampler(er_sde.er_sde),
    "seeds_2": Sampler(seeds.seeds_2),
    "seeds_3": Sampler(seeds.seeds_3),
    "sa_solver": Sampler(sa_solver.sa_solver, of_model=_middle_of_the_way),
    "sa_solver_pece": Sampler(sa_solver.sa_solver, {"pece": True}, of_model=_middle_of_the_way),
    "ddim": Sampler(euler.euler, fresh_inpaint_noise=True),
    "plms": Sampler(multistep.plms),
    "uni_pc": Sampler(uni_pc.uni_pc, skip_penultimate=True),
    "uni_pc_bh2": Sampler(uni_pc.uni_pc, {"variant": "bh2"}, skip_penultimate=True),
}
