"""The samplers of the original latent-diffusion repositories, in training steps as their authors wrote them.

``graphengine.diffusion.sampling.samplers`` has DDIM, PLMS, DPM-Solver and DDPM in terms of sigma, the way users of node
graphs know them; these differ in which steps they visit and where they end, and give the authors' own pictures.
They see the network as ``predict(x, timestep) -> output``: latents at unit variance, B timesteps, what the network
outputs, guidance included.
"""

from graphengine.diffusion.sampling.ldm.ddim import DDIMSteps, ddim, ddim_invert, ddim_timesteps
from graphengine.diffusion.sampling.ldm.ddpm import DDPM
from graphengine.diffusion.sampling.ldm.dpm_solver import DPMSolver
from graphengine.diffusion.sampling.ldm.plms import plms

__all__ = ["DDPM", "DDIMSteps", "DPMSolver", "ddim", "ddim_invert", "ddim_timesteps", "plms"]
