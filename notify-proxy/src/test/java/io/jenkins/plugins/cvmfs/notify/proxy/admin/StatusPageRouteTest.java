package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointReply;
import io.jenkins.plugins.cvmfs.notify.proxy.http.EndpointRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusPageRouteTest {

    private static final Path FOLDER = Path.of("src/main/resources/io/jenkins/plugins/cvmfs/notify/proxy/admin/page");

    private final StatusPageRoute page = new StatusPageRoute();

    static Stream<String> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyFileIsServedAsItIsAndMayLoadNothingFromElsewhere(String name) throws IOException {
        String path = path(name);

        assertThat(page.serves(path)).isTrue();
        EndpointReply reply = page.get(EndpointRequest.of(path));
        assertThat(reply.body()).isEqualTo(Files.readString(FOLDER.resolve(name)));
        assertThat(reply.headers().get("Content-Security-Policy"))
                .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
                .doesNotContain("unsafe");
        assertThat(reply.body()).doesNotContainPattern("(src|href|from)[= ]['\"]?(https?:)?//");
    }

    @ParameterizedTest
    @MethodSource("files")
    void whatAFileRefersToIsServedToo(String name) {
        String text = page.get(EndpointRequest.of(path(name))).body();

        List<String> references = Pattern.compile("\"/page/([^\"]+)\"|'\\./([^']+)'")
                .matcher(text)
                .results()
                .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
                .toList();
        assertThat(references).allMatch(reference -> page.serves("/page/" + reference));
        assertThat(references.size()).isEqualTo(text.split("/page/|'\\./", -1).length - 1);
    }

    private static String path(String name) {
        return name.equals("index.html") ? "/" : "/page/" + name;
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "W/%s", "\"other\", %s", "*"})
    void aBrowserThatHasTheFileIsNotSentItAgain(String condition) {
        EndpointReply first = page.get(EndpointRequest.of("/"));
        String tag = String.valueOf(first.headers().get("ETag"));

        EndpointReply second = page.get(new EndpointRequest("/", Map.of("if-none-match", condition.formatted(tag))));

        assertThat(second.status()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        assertThat(second.headers()).isEqualTo(first.headers());
    }

    @Test
    void aBrowserThatHasAnotherVersionIsSentTheFile() {
        EndpointReply reply = page.get(new EndpointRequest("/", Map.of("If-None-Match", "\"other\"")));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.contentType()).isEqualTo("text/html; charset=utf-8");
    }

    /** With a regular expression that goes back, this takes minutes. */
    @Test
    @Timeout(10)
    void aLongConditionIsReadInLinearTime() {
        String blanks = " ".repeat(150_000);

        EndpointReply reply = page.get(new EndpointRequest("/", Map.of("If-None-Match", "\"a\"" + blanks + "\"b\"")));

        assertThat(reply.status()).isEqualTo(200);
    }

    @Test
    void nothingElseOfTheJarCanBeRead() {
        assertThat(Stream.of("/page/", "/page", "/page/../Metrics.class", "/page/index.html", "/index.html"))
                .noneMatch(page::serves);
    }
}
