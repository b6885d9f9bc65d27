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
import org.jspecify.annotations.Nullable;

/**
 * Runs workflows and composite actions as a runner of GitHub Actions does: each {@code run} in {@code bash -e}, which ignores the
 * failure of all but the last command of a pipe, unless it names its shell; expressions are replaced before; a job or composite action
 * ends with the first step that fails.
 */
final class GitHubRunner {

    private static final Pattern EXPRESSION = Pattern.compile("\\$\\{\\{ *([^}]*?) *}}");
    private static final Map<String, List<String>> SHELLS =
            Map.of("", List.of("bash", "-e"), "bash", List.of("bash", "--noprofile", "--norc", "-eo", "pipefail"));

    private final Path workspace;
    private final RunnerShell shell;
    private final UnaryOperator<String> places;
    private final StringBuilder log = new StringBuilder();
    private final Map<String, String> common = new LinkedHashMap<>();
    private final Map<String, String> contexts = new LinkedHashMap<>();

    /** The folder is that of all jobs; the operator says what stands here for an example's places. */
    GitHubRunner(Path workspace, UnaryOperator<String> places) {
        this.workspace = workspace;
        this.shell = new RunnerShell(workspace);
        this.places = places;
    }

    /** Sets a variable of all steps, such as {@code GITHUB_REPOSITORY}. */
    GitHubRunner with(String variable, String value) {
        common.put(variable, value);
        return this;
    }

    /** Sets what an expression of a workflow stands for, such as {@code vars.NAME}. */
    GitHubRunner where(String expression, String value) {
        contexts.put(expression, value);
        return this;
    }

    /** How an action or a job ended, and its outputs. */
    record Outcome(int exitCode, Map<String, String> outputs) {}

    /** What all steps wrote. */
    String log() {
        return log.toString();
    }

    /** Runs the jobs of a workflow in the order in which they stand, except those that need one that failed or was left out. */
    Map<String, Outcome> workflow(String yaml) throws IOException, InterruptedException {
        Map<String, Object> workflow = RunnerShell.documents(places.apply(yaml)).get(0);
        RunnerShell.map(workflow, "env").forEach((name, value) -> common.put(name, value.toString()));
        Map<String, Outcome> done = new LinkedHashMap<>();
        Map<String, String> needs = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : RunnerShell.map(workflow, "jobs").entrySet()) {
            Map<String, Object> job = RunnerShell.map(entry.getValue());
            Object needed = job.get("needs");
            if (needed == null || succeeded(done.get(needed.toString()))) {
                Map<String, String> context = new LinkedHashMap<>(contexts);
                context.putAll(needs);
                int exitCode = steps(job, context);
                Map<String, String> outputs = filled(RunnerShell.map(job, "outputs"), context);
                outputs.forEach((name, value) -> needs.put("needs." + entry.getKey() + ".outputs." + name, value));
                done.put(entry.getKey(), new Outcome(exitCode, outputs));
            }
        }
        return done;
    }

    private static boolean succeeded(@Nullable Outcome outcome) {
        return outcome != null && outcome.exitCode() == 0;
    }

    /** Runs an action of docs/examples/github. */
    Outcome action(String name, Map<String, String> with) throws IOException, InterruptedException {
        Path file = Path.of("..", "docs", "examples", "github", name, "action.yml");
        Map<String, Object> action =
                RunnerShell.documents(Files.readString(file)).get(0);
        Map<String, Object> inputs = RunnerShell.map(action, "inputs");
        assertThat(inputs.keySet()).as("inputs of " + name).containsAll(with.keySet());
        Map<String, String> context = new LinkedHashMap<>();
        context.put("runner.tool_cache", workspace.resolve("tool-cache").toString());
        inputs.forEach((input, described) -> {
            Object fallback = RunnerShell.map(described).getOrDefault("default", "");
            context.put("inputs." + input, with.getOrDefault(input, fallback.toString()));
        });
        int exitCode = steps(RunnerShell.map(action, "runs"), context);
        Map<String, String> outputs = new LinkedHashMap<>();
        RunnerShell.map(action, "outputs")
                .forEach((output, described) -> outputs.put(
                        output, filled(RunnerShell.map(described).get("value").toString(), context)));
        return new Outcome(exitCode, outputs);
    }

    private int steps(Map<String, Object> parent, Map<String, String> context)
            throws IOException, InterruptedException {
        for (Object item : RunnerShell.list(parent, "steps")) {
            Map<String, Object> step = RunnerShell.map(item);
            if (applies(step, context)) {
                Outcome outcome = step(step, context);
                outcome.outputs()
                        .forEach((name, value) -> context.put("steps." + step.get("id") + ".outputs." + name, value));
                if (outcome.exitCode() != 0) {
                    return outcome.exitCode();
                }
            }
        }
        return 0;
    }

    /** The only condition that the examples have. */
    private static boolean applies(Map<String, Object> step, Map<String, String> context) {
        Object condition = step.get("if");
        if (condition == null) {
            return true;
        }
        assertThat(condition.toString()).matches("inputs\\.[a-z0-9-]+ != ''");
        return !context.get(condition.toString().replace(" != ''", "")).isEmpty();
    }

    private Outcome step(Map<String, Object> step, Map<String, String> context)
            throws IOException, InterruptedException {
        if (!step.containsKey("uses")) {
            return script(step, context);
        }
        String uses = step.get("uses").toString();
        Map<String, String> with = filled(RunnerShell.map(step, "with"), context);
        if (uses.startsWith("./.github/actions/")) {
            return action(uses.substring("./.github/actions/".length()), with);
        }
        assertThat(uses).matches("actions/(checkout|cache|create-github-app-token)@[0-9a-f]{40}");
        if (uses.contains("app-token")) {
            assertThat(with).containsOnlyKeys("app-id", "private-key").doesNotContainValue("");
            return new Outcome(0, Map.of("token", "installation-token"));
        }
        if (uses.contains("cache")) {
            assertThat(with.get("path")).startsWith(workspace.resolve("tool-cache") + "/");
        }
        return new Outcome(0, Map.of());
    }

    private Outcome script(Map<String, Object> step, Map<String, String> context)
            throws IOException, InterruptedException {
        String script = step.get("run").toString();
        assertThat(script)
                .as("a value that is written into a script is a part of it: use env")
                .doesNotContain("${{");
        Path output = Files.createTempFile(workspace, "github-output", ".txt");
        Map<String, String> environment = new LinkedHashMap<>(common);
        environment.putAll(filled(RunnerShell.map(step, "env"), context));
        environment.put("GITHUB_OUTPUT", output.toString());
        environment.put("RUNNER_TOOL_CACHE", workspace.resolve("tool-cache").toString());
        RunnerShell.Result result = shell.run(SHELLS.get(step.getOrDefault("shell", "")), script, environment);
        log.append(result.output());
        return new Outcome(result.exitCode(), RunnerShell.variables(output));
    }

    private static Map<String, String> filled(Map<String, Object> values, Map<String, String> context) {
        return values.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        entry -> filled(entry.getValue().toString(), context),
                        (former, later) -> later,
                        LinkedHashMap::new));
    }

    /** What is not known is empty, as there. */
    private static String filled(String text, Map<String, String> context) {
        return EXPRESSION.matcher(text).replaceAll(found -> {
            assertThat(found.group(1)).matches("(inputs|steps|needs|runner|secrets|vars|github)\\.[A-Za-z0-9_.-]+");
            return Matcher.quoteReplacement(context.getOrDefault(found.group(1), ""));
        });
    }
}
