package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

@Command(
        name = "version",
        description = "Prints the version, the commit it was built from, the commit's time, and the Java that runs it.",
        footer = {"  notify-proxy version", "  notify-proxy version --json | jq -r .commit"},
        exitCodeList = {"0:always"})
final class VersionCommand extends RootCommand.Base {

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (json) {
            out().println(JsonOutput.line(JsonOutput.object()
                    .put("version", Version.number())
                    .put("commit", Version.commit())
                    .put("commit_date", Version.commitDate())
                    .put("java", Runtime.version().toString())
                    .put("java_vendor", System.getProperty("java.vendor"))));
        } else {
            Stream.of(new Version().getVersion()).forEach(out()::println);
        }
        return ExitCode.OK;
    }

    /** The build. */
    static final class Version implements IVersionProvider {

        private static final String UNKNOWN = "unknown";
        private static final Properties BUILD = read("version.properties");

        private static Properties read(String resource) {
            Properties properties = new Properties();
            try (InputStream in = Version.class.getResourceAsStream(resource)) {
                if (in == null) {
                    throw new IllegalStateException("the jar has no " + resource);
                }
                properties.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException("the jar's %s cannot be read".formatted(resource), e);
            }
            return properties;
        }

        /** Returns the version, such as {@code 1.0.0}. */
        static String number() {
            return property("version");
        }

        /** Returns the commit, shortened, with {@code -dirty} if files differed from it; {@code unknown} without git. */
        static String commit() {
            return property("commit");
        }

        /** Returns the commit's time in UTC, such as {@code 2026-11-24T18:00:00Z}; {@code unknown} without git. */
        static String commitDate() {
            return property("commit_date");
        }

        private static String property(String name) {
            String value = BUILD.getProperty(name, "");
            return value.isEmpty() || value.startsWith("$") ? UNKNOWN : value;
        }

        private static String origin() {
            return commit().equals(UNKNOWN) ? "commit unknown" : "commit %s of %s".formatted(commit(), commitDate());
        }

        @Override
        public String[] getVersion() {
            return new String[] {
                "notify-proxy %s (%s)".formatted(number(), origin()),
                "Java %s (%s)".formatted(Runtime.version(), System.getProperty("java.vendor"))
            };
        }
    }
}
