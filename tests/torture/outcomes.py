"""Where the cases 53 to 78 and 97 to 111 of the torture list are proved: endings, processes, exit."""

BLOCK = "tests/lifecycle/test_block.py"
ENDINGS = "tests/lifecycle/test_endings.py"
EDGES = "tests/lifecycle/test_endings_edges.py"
HOSTILE = "tests/lifecycle/test_endings_hostile.py"
INTERRUPT = "tests/lifecycle/test_endings_interrupt.py"
SIGTERM = "tests/lifecycle/test_endings_sigterm.py"
HEARTBEAT = "tests/lifecycle/test_heartbeat.py"

CASES: dict[int, str | tuple[str, ...]] = {
    53: f"{BLOCK}::test_nothing_happens_before_enter",
    55: f"{BLOCK}::test_first_end_wins",
    56: f"{BLOCK}::test_use_after_the_end_is_left_out_with_one_warning",
    59: (
        f"{BLOCK}::test_exit_stack_and_interleaved_exits",
        f"{EDGES}::test_async_exit_stack",
        f"{EDGES}::test_a_stand_in_for_a_block_gives_the_same_kind_of_run",
        f"{BLOCK}::test_disabled_gives_the_same_kind_of_run",
    ),
    61: f"{ENDINGS}::test_transport_trouble_never_replaces_the_users_exception",
    62: (
        f"{ENDINGS}::test_interrupt_during_emit_is_not_swallowed",
        f"{INTERRUPT}::test_each_run_has_one_end_wherever_ctrl_c_strikes",
    ),
    63: (
        f"{BLOCK}::test_spec_travels",
        f"{EDGES}::test_blocks_are_values",
        "tests/lifecycle/test_travel.py::test_a_run_that_was_pickled_keeps_its_identity",
    ),
    65: (
        f"{ENDINGS}::test_each_exception_gives_its_state",
        f"{HOSTILE}::test_exit_codes_of_subclasses_count_as_for_python",
    ),
    66: (
        f"{ENDINGS}::test_each_exception_gives_its_state",
        f"{HOSTILE}::test_a_failure_that_only_one_of_many_leaves_shows_is_a_failure",
    ),
    67: f"{EDGES}::test_what_ends_iteration_leaves_a_plain_function_as_it_is",
    69: f"{HOSTILE}::test_hostile_exceptions_arrive_unchanged_and_give_a_valid_event",
    71: f"{HOSTILE}::test_hostile_exceptions_arrive_unchanged_and_give_a_valid_event",
    72: (
        f"{ENDINGS}::test_context_and_cause_are_untouched_and_shown",
        f"{EDGES}::test_from_none_hides_what_came_before",
    ),
    73: f"{ENDINGS}::test_caught_inside_is_complete",
    74: (
        f"{ENDINGS}::test_exception_through_three_jobs_fails_three_runs",
        f"{EDGES}::test_the_innermost_stack_has_the_line_that_raised",
    ),
    75: f"{ENDINGS}::test_caught_inside_is_complete",
    76: (
        f"{EDGES}::test_secrets_are_masked_in_message_and_stack",
        "tests/client/test_redact.py::test_what_cannot_be_redacted_is_left_out",
    ),
    78: (
        "tests/lifecycle/test_shapes_tools.py::test_a_tracer_sees_the_body",
        f"{EDGES}::test_a_replaced_excepthook_gets_the_exception",
    ),
    97: f"{ENDINGS}::test_forked_child_leaves_the_parents_block_without_an_event",
    98: (
        "tests/delivery/test_fork.py::test_queued_events_of_the_parent_are_sent_once_by_the_parent",
        "tests/delivery/test_fork.py::test_a_child_never_waits_for_locks_that_were_held_when_it_was_forked",
    ),
    100: (
        f"{EDGES}::test_os_exit_in_or_after_a_run",
        "tests/delivery/test_exit.py::test_os_exit_is_not_held_up",
    ),
    101: (
        f"{SIGTERM}::test_open_runs_are_aborted_and_the_process_dies_of_the_signal",
        f"{SIGTERM}::test_nothing_is_installed_unless_asked",
        f"{SIGTERM}::test_after_the_last_run_it_changes_nothing",
        f"{SIGTERM}::test_a_handler_from_before_is_called_afterwards",
        f"{SIGTERM}::test_a_backend_that_hangs_holds_it_up_no_longer_than_the_bound",
        f"{SIGTERM}::test_in_the_middle_of_an_event_no_run_is_torn",
    ),
    102: (
        f"{INTERRUPT}::test_a_second_ctrl_c_while_events_are_sent_at_exit",
        "tests/delivery/test_exit.py::test_who_interrupts_the_exit_has_waited_enough",
    ),
    103: (
        f"{HEARTBEAT}::test_open_runs_send_running_again_and_again",
        "tests/delivery/journal/test_recovery.py::test_what_is_owed_is_delivered_and_open_runs_are_ended",
        "tests/crash/test_kills.py::test_killed_programs_lose_nothing_that_was_accepted",
    ),
    105: (
        f"{ENDINGS}::test_runs_open_at_interpreter_exit_are_aborted",
        f"{EDGES}::test_runs_of_daemon_threads_are_aborted_at_exit",
        f"{EDGES}::test_a_child_of_multiprocessing_aborts_what_it_leaves_open",
    ),
    107: (
        f"{BLOCK}::test_times_never_go_backwards",
        "tests/event/test_ids.py::test_the_monotonic_clock_measures_a_run",
        "tests/event/test_ids.py::test_a_time_is_what_the_standard_asks_for",
    ),
    108: (
        f"{EDGES}::test_ids_do_not_depend_on_the_random_generator",
        f"{EDGES}::test_ids_differ_in_forked_children",
    ),
    110: (
        f"{BLOCK}::test_disabled_in_the_middle_of_a_run_leaves_no_half_run",
        "tests/lifecycle/test_decorator.py::test_disabled_means_called_straight_through",
        "reason: What a call costs when lineage is off is measured by `make bench`, never asserted in a test.",
    ),
    111: (
        f"{EDGES}::test_nothing_that_delivers_opens_a_run",
        "tests/delivery/test_reentry.py::test_a_logging_handler_may_emit",
    ),
}
