package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this program and the commit it was built from. */
public final class BuildInfo {

    /** Stands for what a build without git does not know. */
    public static final String UNKNOWN = "unknown";

    private static final Properties BUILD = read("version.properties");

    private BuildInfo() {}

    private static Properties read(String resource) {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream(resource)) {
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
    public static String version() {
        return property("version");
    }

    /** Returns the commit, shortened, with {@code -dirty} if files differed from it; {@code unknown} without git. */
    public static String commit() {
        return property("commit");
    }

    /** Returns the commit's time in UTC, such as {@code 2026-11-24T18:00:00Z}; {@code unknown} without git. */
    public static String commitDate() {
        return property("commit_date");
    }

    private static String property(String name) {
        String value = BUILD.getProperty(name, "");
        return value.isEmpty() || value.startsWith("$") ? UNKNOWN : value;
    }
}
