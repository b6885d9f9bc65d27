package io.jenkins.plugins.cvmfs.notify.client.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryLocationTest {

    @ParameterizedTest
    @ValueSource(strings = {"http://s1.example.org/cvmfs/a.b.c", "http://s1.example.org/cvmfs/a.b.c/"})
    void filesOfAWebLocationLieBelowItsUrl(String text) {
        RepositoryLocation location = RepositoryLocation.parse(text);

        assertThat(((RepositoryLocation.Web) location).resolve("data/ab/cdC"))
                .hasToString("http://s1.example.org/cvmfs/a.b.c/data/ab/cdC");
        assertThat(location).hasToString("http://s1.example.org/cvmfs/a.b.c");
    }

    @Test
    void aServerWithoutAPathIsALocation() {
        assertThat(((RepositoryLocation.Web) RepositoryLocation.parse("HTTPS://[::1]:8443")).resolve(".cvmfspublished"))
                .hasToString("HTTPS://[::1]:8443/.cvmfspublished");
    }

    @ParameterizedTest
    @CsvSource({
        "/srv/cvmfs/a.b.c, /srv/cvmfs/a.b.c",
        "/srv/cvmfs/../x, /srv/x",
        "file:///srv/cvmfs/a%20b, /srv/cvmfs/a b",
        "file:/srv/x, /srv/x",
        "file://localhost/srv/x, /srv/x",
        "/srv/odd:name, /srv/odd:name"
    })
    void pathsAndFileUrlsAreFolders(String text, String path) {
        assertThat(RepositoryLocation.parse(text)).isEqualTo(new RepositoryLocation.Folder(Path.of(path)));
    }

    @Test
    void aRelativePathIsMadeAbsolute() {
        assertThat(RepositoryLocation.parse("some/where"))
                .hasToString(Path.of("some/where").toAbsolutePath().toString());
    }

    @ParameterizedTest
    @CsvSource({
        "http://user:secret@host/x, carries credentials",
        "http://user:secret@/x, carries credentials",
        "'http://user:sec ret@host/x', is not a URL",
        "ftp://user:secret@host/x, is neither",
        "file://user:secret@host/x, must be file:///PATH"
    })
    void credentialsAreRefusedAndNotShown(String text, String problem) {
        assertThatThrownBy(() -> RepositoryLocation.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(problem)
                .hasMessageNotContaining("sec");
    }

    @ParameterizedTest
    @CsvSource({
        "' ', is empty",
        "http:///cvmfs, has no host",
        "http:opaque, has no host",
        "http://host/x?y=1, has a query",
        "http://host/x#y, has a query or a fragment",
        "http://host:99999/x, has port 99999",
        "s3://bucket/x, is neither",
        "file://server/x, without a host",
        "file:x, must be file:///PATH"
    })
    void anInvalidLocationIsRefusedWithTheReason(String text, String problem) {
        assertThatThrownBy(() -> RepositoryLocation.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://s1.example.org/cvmfs/a.b.c at all addresses",
                "https://s1.example.org:8443/cvmfs/a.b.c at all addresses",
                "http://s1.example.org/cvmfs/a.b.c through http://squid.example.org:3128",
                "mount:/cvmfs/a.b.c",
                "mount:/cvmfs/a.b.c with /cvmfs/a.b.c/releases/1 with blanks"
            })
    void theTextOfALocationIsParsedAsTheSameLocation(String text) {
        RepositoryLocation location = RepositoryLocation.parse(text);

        assertThat(location).hasToString(text);
        assertThat(location)
                .isNotInstanceOf(RepositoryLocation.Folder.class)
                .isNotInstanceOf(RepositoryLocation.Web.class);
    }

    @Test
    void aPathOfAMountMayBeRelativeToIt() {
        assertThat(RepositoryLocation.parse("mount:/cvmfs/a.b.c with releases/1"))
                .isEqualTo(new RepositoryLocation.Mount(Path.of("/cvmfs/a.b.c"), Path.of("/cvmfs/a.b.c/releases/1")));
    }

    @ParameterizedTest
    @CsvSource({
        "https://s1/cvmfs/a.b.c through http://squid:3128, a cache keeps only files of http URLs",
        "http://s1/cvmfs/a.b.c through http://squid, has no port",
        "http://s1/cvmfs/a.b.c?x at all addresses, has a query",
        "mount:, names no path",
        "mount:/cvmfs/a.b.c with ../other/x, is not in the mounted repository /cvmfs/a.b.c"
    })
    void anImpossibleWayToReadIsRefused(String text, String problem) {
        assertThatThrownBy(() -> RepositoryLocation.parse(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(problem);
    }
}
