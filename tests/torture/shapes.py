"""Where the cases 1 to 52 of the torture list are proved: call shapes, generators, async."""

_DECORATOR = "tests/lifecycle/test_decorator.py::"
_GENERATORS = "tests/lifecycle/test_generators.py::"
_ASYNC = "tests/lifecycle/test_async.py::"
_SHAPES = "tests/lifecycle/test_shapes.py::"
_METHODS = "tests/lifecycle/test_shapes_methods.py::"
_CLASSES = "tests/lifecycle/test_shapes_classes.py::"
_STACKS = "tests/lifecycle/test_shapes_stacks.py::"
_TOOLS = "tests/lifecycle/test_shapes_tools.py::"
_STEPS = "tests/lifecycle/test_shapes_lazy.py::"
_AWAITS = "tests/lifecycle/test_shapes_async.py::"
_FRAMEWORKS = "tests/lifecycle/test_async_frameworks.py::"

_VERSIONS = (
    "reason: Python 3.10 is older than what the package runs on, and 3.14 is newer than what it promises; "
    "the tests named here run on 3.11, 3.12 and 3.13."
)
_ORCHESTRATORS = (
    "reason: Prefect, Dagster, Airflow and Celery are too heavy for these tests; a stand-in judges the job as they do, "
    "by kind, hints, names and signature, while click and pytest are the real ones."
)

CASES: dict[int, str | tuple[str, ...]] = {
    1: _DECORATOR + "test_three_spellings_emit_the_same_two_events",
    2: (
        _DECORATOR + "test_misuse_is_an_error_where_it_is_written",
        _DECORATOR + "test_three_spellings_emit_the_same_two_events",
    ),
    3: (
        _SHAPES + "test_what_can_be_asked_about_a_callable_is_answered_as_before",
        _SHAPES + "test_each_call_gives_the_same_value_in_one_run",
        _TOOLS + "test_annotations_in_strings_are_resolved_where_they_were_written",
        _TOOLS + "test_parameters_of_types",
    ),
    5: (
        _DECORATOR + "test_a_wrong_call_raises_pythons_own_error",
        _SHAPES + "test_an_error_of_a_wrong_call_is_pythons",
    ),
    6: _DECORATOR + "test_a_mutable_default_accumulates_and_is_shown_as_it_was_at_the_start",
    7: (
        _SHAPES + "test_each_call_gives_the_same_value_in_one_run",
        _SHAPES + "test_every_shape_has_a_readable_default_name",
        _DECORATOR + "test_nested_function_has_no_locals_in_its_name",
    ),
    8: (
        _DECORATOR + "test_partial_of_a_decorated_function_is_one_run",
        _ASYNC + "test_async_partial_covers_the_await",
    ),
    9: (
        _DECORATOR + "test_partials_builtins_and_callable_objects",
        _ASYNC + "test_callable_object_with_async_call",
    ),
    10: (
        _ASYNC + "test_plain_function_returning_a_coroutine",
        _GENERATORS + "test_plain_function_returning_a_generator",
        _STEPS + "test_each_step_tells_the_same_story",
        _AWAITS + "test_each_step_of_an_async_generator_tells_the_same_story",
    ),
    11: (
        _DECORATOR + "test_overriding_method_is_the_parent_of_the_one_it_calls",
        _METHODS + "test_a_method_called_through_its_instance",
        _METHODS + "test_a_method_called_through_its_class_with_the_instance",
    ),
    14: (_METHODS + "test_a_method_called_through_its_class_and_a_subclass", _VERSIONS),
    15: _METHODS + "test_a_method_called_through_its_class_and_a_subclass",
    16: (
        _DECORATOR + "test_methods_of_every_kind",
        _CLASSES + "test_above_what_is_never_called_is_an_error",
    ),
    17: _DECORATOR + "test_misuse_is_an_error_where_it_is_written",
    18: (
        _CLASSES + "test_abstract_methods_stay_abstract",
        _STACKS + "test_overloads",
        _STACKS + "test_single_dispatch_on_either_side",
        _DECORATOR + "test_singledispatch_keeps_register",
        _DECORATOR + "test_cached_function_below_emits_per_call_and_keeps_its_methods",
        _DECORATOR + "test_cache_hits_above_emit_nothing",
    ),
    19: (
        _STACKS + "test_a_retry_outside_gives_a_run_for_each_attempt",
        _STACKS + "test_a_retry_inside_is_one_run",
    ),
    21: (
        _STACKS + "test_commands",
        _STACKS + "test_a_fixture_and_a_test_may_be_jobs",
        _STACKS + "test_tasks_above_and_below",
        _CLASSES + "test_above_what_is_never_called_is_an_error",
        _ORCHESTRATORS,
    ),
    23: _SHAPES + "test_what_can_be_asked_about_a_callable_is_answered_as_before",
    24: (
        _TOOLS + "test_doctests_are_collected_once_and_run",
        _TOOLS + "test_help_and_source",
    ),
    25: _TOOLS + "test_optimised_python_emits_the_same",
    27: _GENERATORS + "test_never_iterated_is_no_run",
    28: (
        _GENERATORS + "test_start_at_first_next_and_complete_at_the_end",
        _GENERATORS + "test_return_value_through_yield_from",
    ),
    29: (
        _GENERATORS + "test_closed_early_is_complete_and_says_so",
        _GENERATORS + "test_users_finally_runs_at_close",
    ),
    31: _GENERATORS + "test_exception_in_the_body_is_fail_and_the_same_object",
    32: (
        _GENERATORS + "test_send_and_throw_reach_the_body",
        _GENERATORS + "test_uncaught_throw_is_fail",
        _STEPS + "test_each_step_tells_the_same_story",
    ),
    34: _GENERATORS + "test_interleaved_generators_keep_their_children",
    35: (
        _GENERATORS + "test_stepped_from_different_threads_is_one_run",
        _GENERATORS + "test_closed_in_another_thread_than_it_started",
    ),
    37: _GENERATORS + "test_endless_and_open_at_exit",
    38: (
        _STACKS + "test_context_managers",
        _STACKS + "test_async_context_managers",
        _STACKS + "test_a_block_that_nests",
    ),
    40: (
        _ASYNC + "test_never_awaited_is_no_run",
        _ASYNC + "test_never_awaited_warning_is_pythons_own",
        _AWAITS + "test_warnings_about_coroutines_are_pythons",
    ),
    41: (
        _ASYNC + "test_a_run_lasts_as_long_as_what_it_waits_for",
        _ASYNC + "test_awaited_in_the_callers_own_task",
    ),
    42: (
        _ASYNC + "test_gather_gives_siblings_under_the_parent",
        _AWAITS + "test_eager_tasks",
        _FRAMEWORKS + "test_awaited_and_in_groups",
        _FRAMEWORKS + "test_wait_for_and_shield",
    ),
    43: (
        _ASYNC + "test_cancelled_while_waiting_is_abort",
        _FRAMEWORKS + "test_cancelled",
    ),
    46: _ASYNC + "test_background_task_outlives_its_parent",
    47: (
        _AWAITS + "test_each_step_of_an_async_generator_tells_the_same_story",
        _ASYNC + "test_async_generator_consumed",
        _ASYNC + "test_async_generator_closed_early",
        _ASYNC + "test_async_generator_left_to_the_loop",
        _ASYNC + "test_async_generator_send_throw_and_fail",
        _ASYNC + "test_async_generator_stepped_from_different_tasks",
        _FRAMEWORKS + "test_async_generators",
    ),
    48: (
        _ASYNC + "test_block_in_both_ways_on_one_spec",
        _ASYNC + "test_a_destination_that_hangs_holds_up_no_loop",
    ),
    50: (
        _FRAMEWORKS + "test_awaited_and_in_groups",
        _FRAMEWORKS + "test_asyncio_is_not_needed",
        _FRAMEWORKS + "test_nested_loops",
        _FRAMEWORKS + "test_gevent",
    ),
    51: (
        _ASYNC + "test_two_loops_one_after_the_other",
        _FRAMEWORKS + "test_loops_that_are_gone",
    ),
    52: _FRAMEWORKS + "test_callbacks_of_every_kind_also_at_shutdown",
}
