package io.jenkins.plugins.cvmfs.notify.proxy.rabbitmq;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority, and a certificate for {@code localhost} signed by it, made with the JDK's keytool. */
final class Certificates {

    private static final String PASSWORD = "for-this-test";

    private final Path folder;

    private Certificates(Path folder) {
        this.folder = folder;
    }

    /** Writes {@code authority.pem}, {@code server.pem} and {@code server.key}. */
    static void write(Path folder) {
        try {
            new Certificates(folder).make();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("certificates for the test broker cannot be made", e);
        }
    }

    private void make() throws IOException, GeneralSecurityException {
        Path request = folder.resolve("server.csr");
        keytool("-genkeypair", "-alias", "authority", "-dname", "CN=Test authority", "-ext", "bc:c=ca:true");
        keytool("-genkeypair", "-alias", "server", "-dname", "CN=localhost");
        keytool("-certreq", "-alias", "server", "-file", request.toString());
        keytool(
                "-gencert",
                "-alias",
                "authority",
                "-rfc",
                "-infile",
                request.toString(),
                "-outfile",
                path("server.pem"),
                "-ext",
                "san=dns:localhost");
        keytool("-exportcert", "-alias", "authority", "-rfc", "-file", path("authority.pem"));
        Files.writeString(folder.resolve("server.key"), privateKey());
    }

    private String path(String file) {
        return folder.resolve(file).toString();
    }

    private void keytool(String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                command,
                "-keystore",
                path("keys.p12"),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD));
        if (command.equals("-genkeypair")) {
            line.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "30"));
        }
        line.addAll(List.of(arguments));
        Programs.run(line);
    }

    private String privateKey() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(folder.resolve("keys.p12"))) {
            store.load(file, PASSWORD.toCharArray());
        }
        byte[] key = store.getKey("server", PASSWORD.toCharArray()).getEncoded();
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key);
        return "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n";
    }
}
