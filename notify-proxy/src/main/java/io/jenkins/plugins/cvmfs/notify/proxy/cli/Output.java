package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The format of a command's result, and how results are written: JSON on one line, variables one a line. */
final class Output {

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            description = {
                "How to print the result. text: a line to read; json: an object; env: lines such as CVMFS_REVISION=42;"
                        + " cloudevents: with 'subscribe', a CloudEvent in JSON. Default: text."
            })
    private Format format = Format.TEXT;

    @Option(names = "--json", description = "The same as '--output json'.")
    private boolean json;

    /** The ways to print a result. */
    enum Format {
        TEXT,
        JSON,
        CLOUDEVENTS,
        ENV;

        /** Returns the word on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Returns the format of a command that prints no events.
     *
     * @throws InvalidInputException if two are given, or events are asked for
     */
    Format withoutEvents() {
        if (format == Format.CLOUDEVENTS) {
            throw new InvalidInputException("--output cloudevents is for 'subscribe'; here it is text, json or env");
        }
        return any();
    }

    /** @throws InvalidInputException if two formats are given */
    Format any() {
        if (json && format != Format.TEXT && format != Format.JSON) {
            throw new InvalidInputException("--json is --output json: leave one of them out");
        }
        return json ? Format.JSON : format;
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Writes a revision twice: JavaScript rounds a number above 2^53. */
    static ObjectNode put(ObjectNode json, @Nullable Revision revision) {
        String text = revision == null ? null : revision.toString();
        return json.put("revision", text == null ? null : new BigInteger(text)).put("revision_text", text);
    }

    /** Returns {@code CVMFS_FQRN}, {@code CVMFS_REVISION} and {@code CVMFS_ROOT_HASH} in this order, without those that are null. */
    static Map<String, String> variables(
            RepositoryName repository, @Nullable Revision revision, @Nullable ContentHash rootHash) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("CVMFS_FQRN", repository.value());
        if (revision != null) {
            variables.put("CVMFS_REVISION", revision.toString());
        }
        if (rootHash != null) {
            variables.put("CVMFS_ROOT_HASH", rootHash.toString());
        }
        return variables;
    }

    /** Returns a line {@code NAME=value} for each variable; the values need no quotes. */
    static String lines(Map<String, String> variables) {
        return variables.entrySet().stream().map(Object::toString).collect(Collectors.joining("\n"));
    }
}
