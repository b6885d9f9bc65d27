package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Runs pipelines with components as GitLab and its runner do: inputs are checked and replaced in the text, the script of a job is one
 * script with {@code errexit} and, where the shell has it, {@code pipefail}; dotenv reports and caches go from job to job, and the first
 * stage with a job that fails is the last.
 */
final class GitLabRunner {

    private static final Pattern INPUT = Pattern.compile("\\$\\[\\[ inputs\\.([a-z0-9-]+) ]]");

    private final Path workspace;
    private final RunnerShell shell;
    private final List<String> interpreter;
    private final UnaryOperator<String> places;
    private final StringBuilder log = new StringBuilder();
    private final Map<String, String> reported = new LinkedHashMap<>();

    /** The interpreter is what the runner finds: bash or, in small images, another {@code sh}. */
    GitLabRunner(Path workspace, String interpreter, UnaryOperator<String> places) {
        this.workspace = workspace;
        this.shell = new RunnerShell(workspace);
        this.interpreter = List.of(interpreter);
        this.places = places;
    }

    /** What all jobs wrote. */
    String log() {
        return log.toString();
    }

    /** The variables of all dotenv reports. */
    Map<String, String> reported() {
        return reported;
    }

    /** Runs a pipeline to its end; the exit codes of the jobs that ran, in that order. */
    Map<String, Integer> pipeline(String yaml) throws IOException, InterruptedException {
        Map<String, Object> pipeline =
                new LinkedHashMap<>(RunnerShell.documents(places.apply(yaml)).get(0));
        for (Object include : RunnerShell.list(pipeline, "include")) {
            String local = RunnerShell.map(include).get("local").toString();
            assertThat(local).startsWith("templates/");
            Map<String, Object> jobs = jobs(
                    local.substring("templates/".length(), local.indexOf(".yml")),
                    RunnerShell.map(RunnerShell.map(include), "inputs"));
            jobs.forEach((name, job) -> pipeline.merge(name, job, GitLabRunner::merged));
        }
        RunnerShell.map(pipeline, "variables").forEach((name, value) -> reported.put(name, value.toString()));
        Map<String, Integer> done = new LinkedHashMap<>();
        for (Object stage : RunnerShell.list(pipeline, "stages")) {
            boolean failed = false;
            for (Map.Entry<String, Object> entry : pipeline.entrySet()) {
                if (entry.getValue() instanceof Map<?, ?> job && stage.equals(job.get("stage"))) {
                    int exitCode = job(RunnerShell.map(job));
                    done.put(entry.getKey(), exitCode);
                    failed |= exitCode != 0
                            && !Integer.valueOf(exitCode)
                                    .equals(RunnerShell.map(RunnerShell.map(job), "allow_failure")
                                            .get("exit_codes"));
                }
            }
            if (failed) {
                break;
            }
        }
        return done;
    }

    /** Runs the job of a component of docs/examples/gitlab alone. */
    int component(String name, Map<String, Object> inputs) throws IOException, InterruptedException {
        return job(RunnerShell.map(jobs(name, inputs).values().iterator().next()));
    }

    private static Map<String, Object> jobs(String name, Map<String, Object> inputs) throws IOException {
        String text = Files.readString(Path.of("..", "docs", "examples", "gitlab", "templates", name + ".yml"));
        int separator = text.indexOf("\n---\n") + 1;
        Map<String, Object> spec = RunnerShell.map(
                RunnerShell.map(
                        RunnerShell.documents(text.substring(0, separator)).get(0), "spec"),
                "inputs");
        assertThat(spec.keySet()).as("inputs of " + name).containsAll(inputs.keySet());
        String filled = INPUT.matcher(text.substring(separator)).replaceAll(found -> {
            Map<String, Object> described = RunnerShell.map(spec.get(found.group(1)));
            Object value = inputs.getOrDefault(found.group(1), described.get("default"));
            assertThat(value).as("a value for " + found.group(1)).isNotNull();
            assertThat(value).isInstanceOf("array".equals(described.get("type")) ? List.class : String.class);
            assertThat(value.toString())
                    .matches(described.getOrDefault("regex", "(?s).*").toString());
            return Matcher.quoteReplacement(value.toString());
        });
        return RunnerShell.documents(filled).get(0);
    }

    /** What a pipeline says of a job that it includes has precedence. */
    private static Object merged(Object own, Object included) {
        Map<String, Object> job = new LinkedHashMap<>(RunnerShell.map(included));
        job.putAll(RunnerShell.map(own));
        return job;
    }

    private int job(Map<String, Object> job) throws IOException, InterruptedException {
        String script =
                RunnerShell.list(job, "script").stream().map(Object::toString).collect(Collectors.joining("\n"));
        assertThat(script)
                .as("a value that is written into a script is a part of it: use variables")
                .doesNotContain("$[[");
        Files.writeString(workspace.resolve("job.sh"), script);
        Map<String, String> environment = new LinkedHashMap<>();
        RunnerShell.map(job, "variables").forEach((name, value) -> environment.put(name, value.toString()));
        environment.putAll(reported);
        Path cache = workspace.resolve(".notify-proxy");
        Path kept = workspace.resolve("cache-" + RunnerShell.map(job, "cache").get("key"));
        move(kept, cache);
        RunnerShell.Result result = shell.run(interpreter, """
                if set -o | grep pipefail > /dev/null; then set -o pipefail; fi
                set -o errexit
                set +o noclobber
                : | eval "$(cat job.sh)"
                exit 0
                """, environment);
        log.append(result.output());
        move(cache, kept);
        Map<String, Object> artifacts = RunnerShell.map(job, "artifacts");
        Object dotenv = RunnerShell.map(artifacts, "reports").get("dotenv");
        if (dotenv != null && (result.exitCode() == 0 || "always".equals(artifacts.get("when")))) {
            reported.putAll(RunnerShell.variables(workspace.resolve(dotenv.toString())));
        }
        return result.exitCode();
    }

    private static void move(Path from, Path to) throws IOException {
        if (Files.exists(from)) {
            Files.move(from, to);
        }
    }
}
