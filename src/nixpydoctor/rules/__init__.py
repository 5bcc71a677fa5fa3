"""RULES: every rule there is, in the order in which they are asked and, within a severity, reported."""

from __future__ import annotations

from nixpydoctor.findings import Rule
from nixpydoctor.rules.absent_loader import absent_loader
from nixpydoctor.rules.audit_object import audit_object
from nixpydoctor.rules.base_not_rooted import base_not_rooted
from nixpydoctor.rules.base_of_a_profile import base_of_a_profile
from nixpydoctor.rules.broken_console_script import broken_console_script
from nixpydoctor.rules.broken_signature import broken_signature
from nixpydoctor.rules.bundled_library_gone import bundled_library_gone
from nixpydoctor.rules.certificates_gone import certificates_gone
from nixpydoctor.rules.copied_interpreter import copied_interpreter
from nixpydoctor.rules.driver_library import driver_library
from nixpydoctor.rules.driver_stub import driver_stub
from nixpydoctor.rules.duplicate_metadata import duplicate_metadata
from nixpydoctor.rules.dyld_variable import dyld_variable
from nixpydoctor.rules.empty_search_path_element import empty_search_path_element
from nixpydoctor.rules.executable_pth import executable_pth
from nixpydoctor.rules.extension_of_another_python import extension_of_another_python
from nixpydoctor.rules.externally_managed import externally_managed
from nixpydoctor.rules.failing_import import failing_import
from nixpydoctor.rules.find_library_blind import find_library_blind
from nixpydoctor.rules.foreign_c_library import foreign_c_library
from nixpydoctor.rules.foreign_minor_on_path import foreign_minor_on_path
from nixpydoctor.rules.foreign_prefix import foreign_prefix
from nixpydoctor.rules.hidden_nix_packages import hidden_nix_packages
from nixpydoctor.rules.host_brings_library import host_brings_library
from nixpydoctor.rules.host_of_another_minor import host_of_another_minor
from nixpydoctor.rules.impossible_install_name import impossible_install_name
from nixpydoctor.rules.invalid_object import invalid_object
from nixpydoctor.rules.isolated_host import isolated_host
from nixpydoctor.rules.leaked_pythonpath import leaked_pythonpath
from nixpydoctor.rules.libpython_not_found import libpython_not_found
from nixpydoctor.rules.library_not_rooted import library_not_rooted
from nixpydoctor.rules.library_path_hurts_children import library_path_hurts_children
from nixpydoctor.rules.locale_archive_gone import locale_archive_gone
from nixpydoctor.rules.mapped_twice import mapped_twice
from nixpydoctor.rules.missing_library import missing_library
from nixpydoctor.rules.mixed_providers import mixed_providers
from nixpydoctor.rules.moved_venv import moved_venv
from nixpydoctor.rules.newer_macos import newer_macos
from nixpydoctor.rules.nix_ld_list_replaced import nix_ld_list_replaced
from nixpydoctor.rules.nix_ld_target_gone import nix_ld_target_gone
from nixpydoctor.rules.nix_ld_without_reach import nix_ld_without_reach
from nixpydoctor.rules.nix_packages_not_seen_by_host import nix_packages_not_seen_by_host
from nixpydoctor.rules.no_standard_library import no_standard_library
from nixpydoctor.rules.not_recorded import not_recorded
from nixpydoctor.rules.preload import preload
from nixpydoctor.rules.preload_file import preload_file
from nixpydoctor.rules.pythonhome import pythonhome
from nixpydoctor.rules.pyvenv_cfg_disagrees import pyvenv_cfg_disagrees
from nixpydoctor.rules.record_mismatch import record_mismatch
from nixpydoctor.rules.refused_commands import refused_commands
from nixpydoctor.rules.script_folder_hides_modules import script_folder_hides_modules
from nixpydoctor.rules.second_libpython import second_libpython
from nixpydoctor.rules.shadowed_distribution import shadowed_distribution
from nixpydoctor.rules.silent_python import silent_python
from nixpydoctor.rules.stale_build import stale_build
from nixpydoctor.rules.stale_editable import stale_editable
from nixpydoctor.rules.stale_pth import stale_pth
from nixpydoctor.rules.store_library_gone import store_library_gone
from nixpydoctor.rules.stub_loader import stub_loader
from nixpydoctor.rules.symbols_kept_inside import symbols_kept_inside
from nixpydoctor.rules.sysconfig_of_another_python import sysconfig_of_another_python
from nixpydoctor.rules.two_c_libraries import two_c_libraries
from nixpydoctor.rules.two_of_a_library import two_of_a_library
from nixpydoctor.rules.undefined_symbol import undefined_symbol
from nixpydoctor.rules.unfinished_uninstall import unfinished_uninstall
from nixpydoctor.rules.unopenable_library import unopenable_library
from nixpydoctor.rules.unread_file import unread_file
from nixpydoctor.rules.unusable_tags import unusable_tags
from nixpydoctor.rules.user_site_on_nix_python import user_site_on_nix_python
from nixpydoctor.rules.venv_base_gone import venv_base_gone
from nixpydoctor.rules.venv_not_recognised import venv_not_recognised
from nixpydoctor.rules.venv_not_used_by_host import venv_not_used_by_host
from nixpydoctor.rules.version_not_provided import version_not_provided
from nixpydoctor.rules.wrong_machine import wrong_machine

RULES: tuple[Rule, ...] = (
    missing_library,
    unopenable_library,
    bundled_library_gone,
    invalid_object,
    version_not_provided,
    undefined_symbol,
    wrong_machine,
    foreign_c_library,
    two_c_libraries,
    absent_loader,
    stub_loader,
    failing_import,
    extension_of_another_python,
    foreign_minor_on_path,
    shadowed_distribution,
    stale_editable,
    stale_pth,
    leaked_pythonpath,
    mixed_providers,
    user_site_on_nix_python,
    hidden_nix_packages,
    script_folder_hides_modules,
    executable_pth,
    venv_base_gone,
    preload,
    preload_file,
    audit_object,
    pythonhome,
    nix_ld_without_reach,
    nix_ld_target_gone,
    empty_search_path_element,
    library_path_hurts_children,
    store_library_gone,
    impossible_install_name,
    foreign_prefix,
    broken_signature,
    refused_commands,
    newer_macos,
    two_of_a_library,
    dyld_variable,
    library_not_rooted,
    driver_library,
    driver_stub,
    find_library_blind,
    pyvenv_cfg_disagrees,
    venv_not_recognised,
    base_not_rooted,
    copied_interpreter,
    base_of_a_profile,
    moved_venv,
    broken_console_script,
    record_mismatch,
    unusable_tags,
    duplicate_metadata,
    unfinished_uninstall,
    externally_managed,
    certificates_gone,
    locale_archive_gone,
    sysconfig_of_another_python,
    nix_ld_list_replaced,
    libpython_not_found,
    no_standard_library,
    symbols_kept_inside,
    host_of_another_minor,
    venv_not_used_by_host,
    nix_packages_not_seen_by_host,
    isolated_host,
    second_libpython,
    mapped_twice,
    host_brings_library,
    stale_build,
    unread_file,
    silent_python,
    not_recorded,
)

RETIRED: frozenset[str] = frozenset()
"""Ids that were once given: never to be used again."""
