package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StandardOutputTest {

    private final AtomicInteger readersGone = new AtomicInteger();

    private static OutputStream failing(String reason) {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(reason);
            }
        };
    }

    private StandardOutput written(OutputStream file) {
        StandardOutput output = new StandardOutput(file, readersGone::incrementAndGet);
        PrintStream stream = new PrintStream(output, true, UTF_8);
        stream.println("one");
        stream.println("two");
        return output;
    }

    @Test
    void theCommandsCodeIsKeptWhereEverythingIsWritten() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();

        StandardOutput output = written(file);

        assertThat(file).hasToString("one\ntwo\n");
        assertThat(output.exitCode(3)).isEqualTo(3);
        assertThat(output.complaint()).isNull();
    }

    @Test
    void aReaderThatHasGoneIsToldOnceAndIsNoComplaint() {
        StandardOutput output = written(failing("Broken pipe"));

        assertThat(readersGone).hasValue(1);
        assertThat(output.exitCode(0)).isEqualTo(141);
        assertThat(output.complaint()).isNull();
    }

    @Test
    void aFullDiskIsAFailure() {
        StandardOutput output = written(failing("No space left on device"));

        assertThat(readersGone).hasValue(0);
        assertThat(output.exitCode(0)).isEqualTo(70);
        assertThat(output.complaint()).endsWith("No space left on device");
    }
}
