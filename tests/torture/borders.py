"""Where the cases of the torture list about parents across borders are proved: threads, processes, carriers."""

CASES: dict[int, str | tuple[str, ...]] = {
    93: (
        "tests/lifecycle/test_parents.py::test_pool_threads_are_roots_unless_propagated",
        "tests/lifecycle/test_lost_parents.py::test_a_job_in_a_pool_thread_gets_one_hint",
    ),
    96: (
        "tests/lifecycle/test_parents.py::test_env_and_attach_round_trip",
        "tests/lifecycle/test_carriers.py::test_every_source_of_a_parent_has_its_rank",
        "tests/cli/test_exec.py::test_what_the_command_opens_is_its_child",
    ),
}
