"""REMEDIES: every way out there is; where two are equally good, the earlier is offered first."""

from __future__ import annotations

from nixpydoctor.remedies.another_tool import another_tool
from nixpydoctor.remedies.clean_path import clean_path
from nixpydoctor.remedies.container import container
from nixpydoctor.remedies.dev_shell import dev_shell
from nixpydoctor.remedies.dream2nix import dream2nix
from nixpydoctor.remedies.driver_libs import driver_libs
from nixpydoctor.remedies.embed_in_code import embed_in_code
from nixpydoctor.remedies.embed_nix import embed_nix
from nixpydoctor.remedies.embed_path import embed_path
from nixpydoctor.remedies.embed_rebuild import embed_rebuild
from nixpydoctor.remedies.embed_turned_round import embed_turned_round
from nixpydoctor.remedies.fhs_env import fhs_env
from nixpydoctor.remedies.fix_python import fix_python
from nixpydoctor.remedies.gc_root import gc_root
from nixpydoctor.remedies.homogeneous_user_site import homogeneous_user_site
from nixpydoctor.remedies.install_names import install_names
from nixpydoctor.remedies.library_path import library_path
from nixpydoctor.remedies.nix_ld import nix_ld
from nixpydoctor.remedies.nix_python import nix_python
from nixpydoctor.remedies.poetry2nix import poetry2nix
from nixpydoctor.remedies.rebuild_venv import rebuild_venv
from nixpydoctor.remedies.restore_store_path import restore_store_path
from nixpydoctor.remedies.runpath import runpath
from nixpydoctor.remedies.sign_again import sign_again
from nixpydoctor.remedies.source_build import source_build
from nixpydoctor.remedies.standalone_python import standalone_python
from nixpydoctor.remedies.unset_variable import unset_variable
from nixpydoctor.remedies.uv2nix import uv2nix
from nixpydoctor.treatments import Remedy

REMEDIES: tuple[Remedy, ...] = (
    clean_path,
    unset_variable,
    driver_libs,
    embed_path,
    embed_in_code,
    embed_rebuild,
    embed_nix,
    embed_turned_round,
    library_path,
    runpath,
    sign_again,
    nix_ld,
    standalone_python,
    fhs_env,
    fix_python,
    nix_python,
    uv2nix,
    poetry2nix,
    dream2nix,
    dev_shell,
    source_build,
    gc_root,
    restore_store_path,
    install_names,
    rebuild_venv,
    another_tool,
    container,
    homogeneous_user_site,
)
