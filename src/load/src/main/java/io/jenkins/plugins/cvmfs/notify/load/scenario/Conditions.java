package io.jenkins.plugins.cvmfs.notify.load.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** What a number depends on besides the server. */
final class Conditions {

    private Conditions() {}

    static Map<String, String> now() throws IOException {
        Map<String, String> conditions = new TreeMap<>();
        conditions.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        conditions.put("kernel", System.getProperty("os.version"));
        conditions.put("jvm", System.getProperty("java.runtime.version"));
        conditions.put(
                "load", Files.readString(Path.of("/proc/loadavg")).strip().replaceFirst(" [^ ]+/.*", ""));
        return conditions;
    }
}
