package io.jenkins.plugins.cvmfs.notify.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileProblemTest {

    @ParameterizedTest
    @MethodSource("problems")
    void aProblemIsSaidInWords(IOException failure, String words) {
        assertThat(FileProblem.reason(failure)).isEqualTo(words);
    }

    static Stream<Arguments> problems() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("/etc/x"), "no such file or folder"),
                Arguments.of(new AccessDeniedException("/etc/x"), "permission denied"),
                Arguments.of(new FileAlreadyExistsException("/etc/x"), "it already exists"),
                Arguments.of(new FileSystemException("/etc/x", null, "Too many open files"), "Too many open files"),
                Arguments.of(new FileSystemException("/etc/x"), "file system"),
                Arguments.of(new DirectoryNotEmptyException("/etc/x"), "directory not empty"),
                Arguments.of(new IOException("Is a directory"), "Is a directory"),
                Arguments.of(new IOException("one\ntwo"), "one?two"),
                Arguments.of(new IOException(), "input/output error"),
                Arguments.of(new ClosedChannelException(), "closed channel"),
                Arguments.of(new SSLHandshakeException(null), "ssl handshake"),
                Arguments.of(new UnknownHostException("a.example"), "the host name a.example cannot be resolved"));
    }

    @Test
    void aFileWhereAFolderWasToBeIsNoFolder() {
        assertThat(FileProblem.folderReason(new FileAlreadyExistsException("/etc/x")))
                .isEqualTo("it is not a folder");
    }
}
