"""Where the cases of the torture list about datasets, arguments, names, notebooks and reloading are proved."""

ARGUMENTS = "tests/lifecycle/test_arguments.py"
CALLABLES = "tests/lifecycle/test_arguments_callables.py"
DATASETS = "tests/lifecycle/test_datasets.py"
NAMES = "tests/lifecycle/test_names.py"
TROUBLE = "tests/flow/test_backend_in_trouble.py"
NOTEBOOK = "reason: There are no notebook commands yet, so a cell is code like any other, which the other cases prove."

CASES: dict[int, str | tuple[str, ...]] = {
    79: f"{DATASETS}::test_template_by_position_keyword_and_default",
    80: (
        f"{CALLABLES}::test_a_parameter_that_does_not_exist_is_an_error_with_the_nearest",
        f"{CALLABLES}::test_keywords_of_a_function_that_takes_any",
    ),
    82: (
        "tests/naming/test_golden_names.py::test_each_text_has_the_name_of_the_table",
        f"{DATASETS}::test_escaped_braces",
        f"{DATASETS}::test_path_like_and_relative_arguments",
        f"{CALLABLES}::test_what_callables_give",
    ),
    83: f"{DATASETS}::test_arguments_mutated_in_the_call",
    85: (f"{CALLABLES}::test_what_callables_give", f"{CALLABLES}::test_outputs_get_the_result"),
    86: (
        f"{DATASETS}::test_return_value_is_known_at_the_end_only",
        "tests/lifecycle/test_block.py::test_declared_and_added_datasets_meet",
    ),
    87: (
        "tests/lifecycle/test_block.py::test_use_after_the_end_is_left_out_with_one_warning",
        "tests/lifecycle/test_block.py::test_jobs_in_blocks_are_children",
    ),
    89: (
        f"{NAMES}::test_default_names_of_programs",
        f"{NAMES}::test_a_function_that_is_renamed_keeps_the_name_of_its_job",
        f"{NAMES}::test_same_name_in_two_modules_is_two_jobs",
        "tests/lifecycle/test_decorator.py::test_nested_function_has_no_locals_in_its_name",
    ),
    90: (
        f"{NAMES}::test_names_that_cannot_be_are_an_error_at_decoration",
        f"{NAMES}::test_unusual_names_make_the_round_trip_to_a_child",
    ),
    91: "tests/lifecycle/test_decorator.py::test_decorating_again_lays_settings_over_a_copy",
    92: "tests/lifecycle/test_parents.py::test_a_hundred_threads_are_a_hundred_runs",
    95: (
        "tests/workers/test_processes.py::test_jobs_travel_to_processes",
        "tests/workers/test_by_value.py::test_every_shape_travels_by_value",
    ),
    106: (
        f"{TROUBLE}::test_refused",
        f"{TROUBLE}::test_black_hole",
        f"{TROUBLE}::test_unknown_host",
        f"{TROUBLE}::test_answers_that_are_worth_another_try",
        f"{TROUBLE}::test_answers_that_refuse_an_event",
        f"{TROUBLE}::test_connections_that_break_are_made_again",
        f"{TROUBLE}::test_short_trouble_loses_nothing",
        f"{TROUBLE}::test_slow_answers_are_cut_off",
    ),
    113: (
        "tests/lifecycle/test_reload.py::test_an_edited_module_runs_its_new_body",
        "tests/lifecycle/test_reload.py::test_methods_of_what_exists_run_their_new_body",
        "tests/lifecycle/test_reload.py::test_edited_settings_come_with_the_edited_body",
    ),
    115: NOTEBOOK,
    116: NOTEBOOK,
    117: NOTEBOOK,
    118: (
        "tests/house/test_import.py::test_the_front_page_loads_nothing_heavy",
        "tests/lifecycle/test_decorator.py::test_decorating_starts_nothing",
    ),
    119: "tests/session/test_configure.py::test_decorated_functions_follow_every_configure",
    120: (
        "tests/testing/test_plugin.py::test_fixture_in_a_suite_of_a_user",
        "tests/testing/test_recording.py::test_threads_under_test_are_caught",
        "tests/testing/test_recording.py::test_runs_that_were_open_before_are_not_caught",
        "tests/testing/test_recording.py::test_a_strict_test_of_a_good_pipeline_passes",
        "tests/session/test_configure.py::test_strict_raises_trouble",
    ),
}
