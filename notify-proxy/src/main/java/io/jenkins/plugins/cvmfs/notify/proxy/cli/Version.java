package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which build this is. */
final class Version implements IVersionProvider {

    private static final String RESOURCE = "version.properties";
    private static final String UNKNOWN = "unknown";

    /** The version of the build, such as {@code 1.0.0}. */
    static String number() {
        return property("version");
    }

    /** The commit that was built, shortened, with {@code -dirty} if files differed from it; {@code unknown} without git. */
    static String commit() {
        return property("commit");
    }

    /** When that commit was made, UTC, such as {@code 2026-11-24T18:00:00Z}; {@code unknown} without git. */
    static String commitDate() {
        return property("commit_date");
    }

    private static String property(String name) {
        Properties properties = new Properties();
        try (InputStream resource = Version.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException("the jar lacks " + RESOURCE);
            }
            properties.load(resource);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar's %s cannot be read".formatted(RESOURCE), e);
        }
        String value = properties.getProperty(name, "");
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
