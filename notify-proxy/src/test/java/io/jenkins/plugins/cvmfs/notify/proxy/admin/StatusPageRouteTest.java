package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.TestRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        Response response = page.get(TestRequest.get(path));
        assertThat(response.body()).isEqualTo(Files.readString(FOLDER.resolve(name)));
        assertThat(response.headerLines())
                .contains("Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self';")
                .doesNotContain("unsafe");
        assertThat(response.body()).doesNotContainPattern("(src|href|from)[= ]['\"]?(https?:)?//");
    }

    @ParameterizedTest
    @MethodSource("files")
    void whatAFileRefersToIsServedToo(String name) {
        String text = page.get(TestRequest.get(path(name))).body();

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
        Response first = page.get(TestRequest.get("/"));
        String tag = first.headerLines().replaceFirst("(?s).*ETag: ([^\r]+)\r.*", "$1");

        Response second = page.get(TestRequest.get("/", "if-none-match", condition.formatted(tag)));

        assertThat(second.status()).isEqualTo(304);
        assertThat(second.body()).isEmpty();
        assertThat(second.headerLines()).isEqualTo(first.headerLines());
    }

    @Test
    void aBrowserThatHasAnotherVersionIsSentTheFile() {
        Response response = page.get(TestRequest.get("/", "If-None-Match", "\"other\""));

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.contentType()).isEqualTo("text/html; charset=utf-8");
    }

    /** With a regular expression that goes back, this takes minutes. */
    @Test
    @Timeout(10)
    void aLongConditionIsReadInLinearTime() {
        String blanks = " ".repeat(150_000);

        Response response = page.get(TestRequest.get("/", "If-None-Match", "\"a\"" + blanks + "\"b\""));

        assertThat(response.status()).isEqualTo(200);
    }

    @Test
    void nothingElseOfTheJarCanBeRead() {
        assertThat(Stream.of("/page/", "/page", "/page/../Metrics.class", "/page/index.html", "/index.html"))
                .noneMatch(page::serves);
    }
}
