"""Broken configuration files, each with the whole message its author reads."""

SECTIONS = "expected sections such as `transport:`, each with its settings indented below it"
QUOTES = 'curly quotes, as word processors and web pages make them; write straight ones (")'
BOMB = "".join(
    f"{name}: &{name} [{', '.join([f'*{before}' if before else 'x'] * 10)}]\n"
    for before, name in zip(("", "a", "b", "c", "d"), "abcde", strict=True)
)

# how it is broken: (the file, what the author reads)
FILES: dict[str, tuple[str | bytes, str]] = {
    "tabs, curly quotes and capitals at once": (
        "Transport:\n\tType: “http”\n\tUrl: “http://localhost:5000”\n",
        "6 problems in the configuration:"
        "\n  - openlineage.yml lines 2, 3: indented with a tab; YAML allows only spaces there"
        "\n  - openlineage.yml line 1: unknown key 'Transport'; did you mean 'transport'?"
        f"\n  - openlineage.yml line 2: {QUOTES}"
        "\n  - openlineage.yml line 2: unknown key 'Type'; did you mean 'type'?"
        f"\n  - openlineage.yml line 3: {QUOTES}"
        "\n  - openlineage.yml line 3: unknown key 'Url'; did you mean 'url'?",
    ),
    "tabs alone": (
        "transport:\n\ttype: http\n\turl: http://h\n",
        "openlineage.yml lines 2, 3: indented with a tab; YAML allows only spaces there",
    ),
    "one tab": (
        "transport:\n  type: http\n\turl: http://h\n",
        "openlineage.yml line 3: indented with a tab; YAML allows only spaces there",
    ),
    "curly quotes around a value": (
        "transport:\n  type: ‘console’\n",
        f"openlineage.yml line 2: {QUOTES}",
    ),
    "curly quotes around a key": (
        "“transport”:\n  type: console\n",
        f"openlineage.yml line 1: {QUOTES}",
    ),
    "capitals alone": (
        "Transport:\n  Type: http\n  URL: http://h\n",
        "3 problems in the configuration:"
        "\n  - openlineage.yml line 1: unknown key 'Transport'; did you mean 'transport'?"
        "\n  - openlineage.yml line 2: unknown key 'Type'; did you mean 'type'?"
        "\n  - openlineage.yml line 3: unknown key 'URL'; did you mean 'url'?",
    ),
    "capitals, and something else that is wrong": (
        "Transport:\n  type: console\nfacts: {}\n",
        "2 problems in the configuration:"
        "\n  - openlineage.yml line 1: unknown key 'Transport'; did you mean 'transport'?"
        "\n  - openlineage.yml line 3, at $: unknown key 'facts'; did you mean 'facets'?",
    ),
    "a list at top level": ("- type: http\n", f"openlineage.yml line 1: found a list at top level; {SECTIONS}"),
    "an empty file": ("", f"openlineage.yml: the file is empty; {SECTIONS}"),
    "blank lines only": (" \n\n", f"openlineage.yml: the file is empty; {SECTIONS}"),
    "a single word": ("console\n", f"openlineage.yml line 1: found a single text at top level; {SECTIONS}"),
    "no space after the colon": (
        "transport:console\n",
        "openlineage.yml line 1: found a single text at top level "
        f"(a colon needs a space or a new line after it); {SECTIONS}",
    ),
    "not UTF-8": (
        "transport:\n  type: console # café\n".encode("latin-1"),
        "openlineage.yml line 2: the file is not UTF-8 text; save it in that encoding",
    ),
    "UTF-16, as some shells write it": (
        "transport:\n".encode("utf-16"),
        "openlineage.yml line 1: the file is not UTF-8 text; save it in that encoding",
    ),
    "a control character": (
        "namespace: a\nproducer: \x01\n",
        "openlineage.yml line 2: the character U+0001 is not allowed in YAML",
    ),
    "too large": (
        b"# " + b"x" * 1024 * 1024,
        "openlineage.yml: the file is larger than 1024 KiB; that is no configuration",
    ),
    "an alias bomb": (
        BOMB,
        "openlineage.yml: more than 20,000 values once every *alias is replaced; that is no configuration",
    ),
    "an alias that contains itself": (
        "tags: &t\n  job: *t\n",
        "openlineage.yml: nested too deeply, or an *alias that contains itself",
    ),
    "nested without end": ("[" * 5000, "openlineage.yml: nested too deeply"),
    "a Python object": (
        "transport: !!python/object/apply:os.system ['true']\n",
        "openlineage.yml line 1: !!python/… would run code, and a configuration is data; "
        "name a class of your own by its dotted path",
    ),
    "a tag": (
        "namespace: !secret abc\n",
        "openlineage.yml line 1: a value that begins with ! is a tag in YAML; put it in quotes",
    ),
    "an undefined alias": (
        "namespace: *abc\n",
        "openlineage.yml line 1: a value that begins with * refers to something else in YAML; put it in quotes",
    ),
    "a value that begins with @": (
        "namespace: @abc\n",
        "openlineage.yml line 1: a value cannot begin with @; put it in quotes",
    ),
    "a value that begins with %": (
        "namespace: %abc\n",
        "openlineage.yml line 1: a value cannot begin with %; put it in quotes",
    ),
    "a quote that is never closed": (
        'namespace: "abc\ntransport:\n  type: console\n',
        "openlineage.yml line 1: a quote is opened here and never closed",
    ),
    "a backslash in double quotes": (
        'transport:\n  type: http\n  verify: "C:\\certs\\ca.pem"\n',
        "openlineage.yml line 3: a backslash in double quotes begins an escape; use single quotes",
    ),
    "two colons in a line": (
        "namespace: a: b\n",
        "openlineage.yml line 1: a second colon in one line, or a wrong indentation; put text with `: ` in quotes",
    ),
    "a line without a colon": (
        "namespace: a\nnotice\ntransport:\n  type: console\n",
        "openlineage.yml line 3: a line without a colon: every setting is written `key: value`",
    ),
    "an indentation that fits nothing": (
        "transport:\n    type: http\n  url: http://h\n",
        "openlineage.yml line 3: the indentation does not fit the lines above",
    ),
    "an open bracket": (
        "facets:\n  environment_variables: [HOME\nnotice: auto\n",
        "openlineage.yml line 3: a list opened with [ is not closed, or lacks a comma",
    ),
    "an open brace": (
        "tags: {job: {a: b}\nnotice: auto\n",
        "openlineage.yml line 2: a mapping opened with { is not closed, or lacks a comma",
    ),
    "two documents": (
        "namespace: a\n---\nnamespace: b\n",
        "openlineage.yml line 2: a second document begins here (---); a configuration is one document",
    ),
    "a key twice": (
        "transport:\n  type: http\n  url: http://a\n  url: http://b\n",
        "openlineage.yml line 4: the key 'url' is there twice, first in line 3",
    ),
    "braces around a key": (
        "{{ namespace }}: a\n",
        "openlineage.yml line 1: a key must be a plain word (text with { or [ belongs in quotes)",
    ),
    "a merge of nothing that can be merged": (
        "tags:\n  <<: abc\n",
        "openlineage.yml line 2: <<: takes a mapping, or a list of mappings",
    ),
}

# how it is broken: (the file, what the author reads)
VALUES: dict[str, tuple[str, str]] = {
    "an unknown section": (
        "facts: {}\n",
        "openlineage.yml line 1, at $: unknown key 'facts'; did you mean 'facets'?",
    ),
    "an unknown key like no other": (
        "delivery:\n  colour: red\n",
        "openlineage.yml line 2, at $.delivery: unknown key 'colour'; known here: budget, exit_timeout, journal, "
        "memory_limit, mode, retry_longest",
    ),
    "a key one level too high": (
        "environment_variables: [HOME]\n",
        "openlineage.yml line 1, at $: unknown key 'environment_variables'; it belongs under `facets`",
    ),
    "transport keys at top level": (
        "type: http\nurl: http://h\n",
        "2 problems in the configuration:"
        "\n  - openlineage.yml line 1, at $: unknown key 'type'; it belongs under `transport`"
        "\n  - openlineage.yml line 2, at $: unknown key 'url'; it belongs under `transport`",
    ),
    "a capital in a nested key": (
        "delivery:\n  Mode: direct\n",
        "openlineage.yml line 2, at $.delivery: unknown key 'Mode'; did you mean 'mode'?",
    ),
    "a misspelt nested key": (
        "facets:\n  source_code_location:\n    repo_ulr: https://git.example/etl\n",
        "openlineage.yml line 3, at $.facets.source_code_location: unknown key 'repo_ulr'; did you mean 'repo_url'?",
    ),
    "a transport that is a word": (
        "transport: console\n",
        "openlineage.yml line 1, at $.transport: found 'console', expected a mapping with `type`",
    ),
    "a transport without type": (
        "transport:\n  url: http://h\n",
        "openlineage.yml line 1, at $.transport: the key 'type' is missing: which transport is it, such as http, "
        "kafka, file or console",
    ),
    "a transport whose type is called otherwise": (
        "transport:\n  kind: http\n",
        "openlineage.yml line 1, at $.transport: the key 'type' is missing: which transport is it, such as http, "
        "kafka, file or console; did you mean it by 'kind'?",
    ),
    "an empty namespace": (
        'namespace: ""\n',
        "openlineage.yml line 1, at $.namespace: found '', expected a text that is not empty",
    ),
    "a namespace that is nothing": (
        "namespace:\n",
        "openlineage.yml line 1, at $.namespace: found nothing, expected a text (in quotes, if the text itself is "
        "'null' or '~')",
    ),
    "namespaces as a list": (
        "namespaces: [a, b]\n",
        "openlineage.yml line 1, at $.namespaces: found a list, expected a mapping",
    ),
    "a mapping for a text": (
        "producer: {name: x}\n",
        "openlineage.yml line 1, at $.producer: found a mapping, expected a text",
    ),
    "a time in words": (
        "delivery:\n  exit_timeout: soon\n",
        "openlineage.yml line 2, at $.delivery.exit_timeout: found 'soon', expected a number of at least 0",
    ),
    "a negative time": (
        "delivery:\n  exit_timeout: -1\n",
        "openlineage.yml line 2, at $.delivery.exit_timeout: found '-1', expected a number of at least 0",
    ),
    "an endless time": (
        "delivery:\n  exit_timeout: .inf\n",
        "openlineage.yml line 2, at $.delivery.exit_timeout: found '.inf', expected a number of at least 0",
    ),
    "memory with a unit": (
        "delivery:\n  memory_limit: 16 MiB\n",
        "openlineage.yml line 2, at $.delivery.memory_limit: found '16 MiB', expected a whole number of at least 65536",
    ),
    "an unknown mode": (
        "delivery:\n  mode: async\n",
        "openlineage.yml line 2, at $.delivery.mode: found 'async', expected one of 'background', 'direct'",
    ),
    "an unknown notice": (
        "notice: sometimes\n",
        "openlineage.yml line 1, at $.notice: found 'sometimes', expected one of 'always', 'auto', 'never'",
    ),
    "an unknown level": (
        "logging: loud\n",
        "openlineage.yml line 1, at $.logging: found 'loud', expected one of 'CRITICAL', 'DEBUG', 'ERROR', 'INFO', "
        "'WARNING'",
    ),
    "neither true nor false": (
        "dataset:\n  reducing_enabled: maybe\n",
        "openlineage.yml line 2, at $.dataset.reducing_enabled: found 'maybe', expected true or false",
    ),
    "filters as a mapping": (
        "filters:\n  type: exact\n  match: a\n",
        "openlineage.yml line 1, at $.filters: found a mapping, expected a list",
    ),
    "a filter without type": (
        "filters:\n  - match: a\n",
        "openlineage.yml line 2, at $.filters[0]: the key 'type' is missing; it is one of 'exact', 'regex'",
    ),
    "a filter of unknown type": (
        "filters:\n  - type: glob\n    match: a*\n",
        "openlineage.yml line 2, at $.filters[0].type: found 'glob', expected one of 'exact', 'regex'",
    ),
    "a filter with the key of the other": (
        "filters:\n  - type: regex\n    match: a\n",
        "2 problems in the configuration:"
        "\n  - openlineage.yml line 3, at $.filters[0]: unknown key 'match'; known here: regex"
        "\n  - openlineage.yml line 2, at $.filters[0]: the key 'regex' is missing",
    ),
    "a regular expression that does not compile": (
        "filters:\n  - type: regex\n    regex: 'a('\n",
        "openlineage.yml line 3, at $.filters[0].regex: found 'a(', expected a regular expression that compiles "
        "(missing ), unterminated subpattern at position 1)",
    ),
    "tags as a list": ("tags: [a]\n", "openlineage.yml line 1, at $.tags: found a list, expected a mapping"),
    "a tag without value": (
        "tags:\n  job:\n    team:\n",
        "openlineage.yml line 3, at $.tags.job.team: found nothing, expected a text (in quotes, if the text itself is "
        "'null' or '~')",
    ),
    "tags without job or run": (
        "tags:\n  team: sales\n",
        "openlineage.yml line 2, at $.tags: unknown key 'team'; known here: job, run",
    ),
    "a redaction pattern that does not compile": (
        "redact:\n  patterns: ['[']\n",
        "openlineage.yml line 2, at $.redact.patterns[0]: found '[', expected a regular expression that compiles "
        "(unterminated character set at position 0)",
    ),
    "redaction in words": (
        "redact: everything\n",
        "openlineage.yml line 1, at $.redact: found 'everything', expected a mapping",
    ),
    "an unset variable": (
        "transport:\n  type: http\n  url: http://${LINEAGE_HOST}:5000\n",
        "openlineage.yml line 3, at $.transport.url: the variable LINEAGE_HOST is not set; ${LINEAGE_HOST:-default} "
        "gives a default",
    ),
    "a variable that is not closed": (
        "transport:\n  type: http\n  url: http://${LINEAGE_HOST:5000\n",
        "openlineage.yml line 3, at $.transport.url: ${ begins a variable: write ${NAME} or ${NAME:-default}, "
        "or $${ for itself",
    ),
    "a journal": (
        "delivery:\n  journal: {sync: always}\n",
        "openlineage.yml line 2, at $.delivery.journal: this version does not yet keep a journal of undelivered "
        "events on disk; they wait in memory. Remove the key.",
    ),
    "capture": (
        "capture:\n  pandas: true\n",
        "openlineage.yml line 1, at $.capture: this version does not yet notice reads and writes by itself; "
        "name inputs and outputs. Remove the key.",
    ),
    "a circuit breaker": (
        "circuitBreaker:\n  type: static\n",
        "openlineage.yml line 1, at $: the key 'circuitBreaker' is known, but this version does not yet have "
        "circuit breakers. Remove the key.",
    ),
    "runs ended on SIGTERM": (
        "delivery:\n  on_sigterm: abort\n",
        "openlineage.yml line 2, at $.delivery: the key 'on_sigterm' is known, but this version does not yet end runs "
        "on SIGTERM. Remove the key.",
    ),
    "many things at once": (
        "namespaec: a\nnotice: loud\ntransport: x\nfilters:\n  - type: regex\n    regex: '('\n",
        "4 problems in the configuration:"
        "\n  - openlineage.yml line 1, at $: unknown key 'namespaec'; did you mean 'namespace'?"
        "\n  - openlineage.yml line 6, at $.filters[0].regex: found '(', expected a regular expression that compiles "
        "(missing ), unterminated subpattern at position 0)"
        "\n  - openlineage.yml line 2, at $.notice: found 'loud', expected one of 'always', 'auto', 'never'"
        "\n  - openlineage.yml line 3, at $.transport: found 'x', expected a mapping with `type`",
    ),
}

# how it is broken: (the variables, what the author reads)
VARIABLES: dict[str, tuple[dict[str, str], str]] = {
    "a file that is not there": (
        {"OPENLINEAGE_CONFIG": "lineage.yml"},
        "OPENLINEAGE_CONFIG: there is no file 'lineage.yml'",
    ),
    "a file in a directory that is not there": (
        {"OPENLINEAGE_CONFIG": "conf/lineage.yml"},
        "OPENLINEAGE_CONFIG: there is no file 'conf/lineage.yml'; the directory 'conf' is not there either",
    ),
    "a switch that is neither": (
        {"OPENLINEAGE_DISABLED": "ture"},
        "OPENLINEAGE_DISABLED: found 'ture', expected 1, true, yes or on, or 0, false, no or off",
    ),
    "a level that is none": (
        {"OPENLINEAGE_CLIENT_LOGGING": "LOUD"},
        "OPENLINEAGE_CLIENT_LOGGING: found 'LOUD', expected one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    ),
    "an unknown section": (
        {"OPENLINEAGE__TRANSPROT__TYPE": "console"},
        "OPENLINEAGE__TRANSPROT__TYPE, at $: unknown key 'transprot'; did you mean 'transport'?",
    ),
    "three underscores": (
        {"OPENLINEAGE__TAGS____JOB": "{}"},
        "OPENLINEAGE__TAGS____JOB: two underscores separate the parts of a setting's path; here a part is empty",
    ),
    "a wrong type": (
        {"OPENLINEAGE__DELIVERY__EXIT_TIMEOUT": "2s"},
        "OPENLINEAGE__DELIVERY__EXIT_TIMEOUT, at $.delivery.exit_timeout: found '2s', expected a number of at least 0",
    ),
    "JSON that is cut short": (
        {"OPENLINEAGE__TAGS": '{"job": {"a": "b"}'},
        "OPENLINEAGE__TAGS, at $.tags: found '{\"job\": {\"a\": \"b\"}', expected a mapping",
    ),
    "a transport that is a word": (
        {"OPENLINEAGE__TRANSPORT": "console"},
        "OPENLINEAGE__TRANSPORT, at $.transport: found 'console', expected a mapping with `type`",
    ),
}

# how it is broken: (arguments in code, what the author reads)
CODE: dict[str, tuple[dict[str, object], str]] = {
    "a misspelt key": (
        {"config": {"namepsace": "x"}},
        "code, at $: unknown key 'namepsace'; did you mean 'namespace'?",
    ),
    "no mapping": ({"config": ["x"]}, "config: found a list, expected a mapping or the path of a file"),
    "an object where text belongs": (
        {"config": {"namespace": object()}},
        "code, at $.namespace: found an object of type object, expected a text",
    ),
    "an address and another transport": (
        {"url": "http://h", "config": {"transport": {"type": "console"}}},
        "code, at $.transport: `url` means HTTP, and the transport given beside it is another; give one of them",
    ),
}

KINDS = (
    "async_http, composite, console, file, http, kafka, local, memory, noop, null, "
    "and classes of your own by dotted path"
)
INSTEAD = (
    "There are http, kafka, file, console, composite, local, memory, null and classes of your own by dotted path."
)
TOKEN = "Use api_key, or a class with `get_bearer()` by its dotted path."

# how it is broken: (what stands under `transport`, what its author reads)
TRANSPORTS: dict[str, tuple[str, str]] = {
    "an unknown type": (
        "type: htpp",
        f"openlineage.yml line 2, at $.transport.type: unknown transport type 'htpp'; did you mean 'http'? Known are {KINDS}",
    ),
    "no url": ("type: http", "openlineage.yml line 1, at $.transport: the key 'url' is missing"),
    "no path": ("type: file", "openlineage.yml line 1, at $.transport: the key 'log_file_path' is missing"),
    "no destinations": (
        "type: composite",
        "openlineage.yml line 1, at $.transport: the key 'transports' is missing",
    ),
    "a timeout in words": (
        "type: http\n  url: http://h\n  timeout: soon",
        "openlineage.yml line 4, at $.transport.timeout: found 'soon', expected a number",
    ),
    "an unknown compression": (
        "type: http\n  url: http://h\n  compression: zip",
        "openlineage.yml line 4, at $.transport.compression: found 'zip', expected 'gzip'",
    ),
    "a key of the Java client": (
        "type: http\n  url: http://h\n  timeoutMs: 5",
        "openlineage.yml line 4, at $.transport: unknown key 'timeoutMs'; did you mean 'timeout'?",
    ),
    "a class path that does not import": (
        "type: nowhere_at_all.Transport",
        "openlineage.yml line 2, at $.transport.type: cannot import 'nowhere_at_all.Transport': "
        "there is no module 'nowhere_at_all' on the import path",
    ),
    "a class that is no transport": (
        "type: json.JSONDecoder",
        "openlineage.yml line 2, at $.transport.type: class 'json.JSONDecoder' has no method send() or emit()",
    ),
    "tokens by jwt": (
        "type: http\n  url: http://h\n  auth:\n    type: jwt\n    apiKey: abc",
        "openlineage.yml line 5, at $.transport.auth.type: this version does not yet fetch tokens itself "
        f"(auth type 'jwt'). {TOKEN}",
    ),
    "tokens by oauth2": (
        "type: http\n  url: http://h\n  auth: {type: oauth2, clientSecret: abc}",
        "openlineage.yml line 4, at $.transport.auth.type: this version does not yet fetch tokens itself "
        f"(auth type 'oauth2'). {TOKEN}",
    ),
    "fsspec": (
        "type: file\n  log_file_path: s3://b/k\n  storage_options: {}",
        "openlineage.yml line 4, at $.transport: the key 'storage_options' is known, but this version does not yet "
        "write files through fsspec. Remove the key.",
    ),
    **{
        kind: (
            f"type: {kind}",
            f"openlineage.yml line 2, at $.transport.type: this version does not yet {what} "
            f"(transport type '{kind}'). {INSTEAD}",
        )
        for kind, what in {
            "transform": "transform events on their way",
            "gcplineage": "send events to Google Cloud lineage",
            "datadog": "send events to Datadog",
            "amazon_datazone_api": "send events to Amazon DataZone",
            "msk-iam": "sign in to Amazon MSK with IAM",
        }.items()
    },
}
