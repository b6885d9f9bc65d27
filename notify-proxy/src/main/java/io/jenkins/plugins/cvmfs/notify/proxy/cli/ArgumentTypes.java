package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.gate.Replica;
import io.jenkins.plugins.cvmfs.notify.client.gate.Requirement;
import io.jenkins.plugins.cvmfs.notify.client.manifest.ContentHash;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.client.manifest.Revision;
import io.jenkins.plugins.cvmfs.notify.client.transport.NotificationServer;
import io.jenkins.plugins.cvmfs.notify.client.transport.RepositoryLocation;
import io.jenkins.plugins.cvmfs.notify.client.transport.SubscriberSettings;
import io.jenkins.plugins.cvmfs.notify.proxy.config.DurationText;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How arguments become values of the field, so that a wrong one is refused before a command starts. */
final class ArgumentTypes {

    /** What a shell offers for a {@link SubscriberSettings.Protocol}. */
    static final class Protocols implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return List.of("auto", "websocket", "sse").iterator();
        }
    }

    private ArgumentTypes() {}

    /** For this command and the subcommands that it has already. */
    static void register(CommandLine root) {
        root.registerConverter(Duration.class, reading(DurationText::parse));
        root.registerConverter(NotificationServer.class, reading(NotificationServer::parse));
        root.registerConverter(RepositoryLocation.class, reading(RepositoryLocation::parse));
        root.registerConverter(RepositoryName.class, reading(RepositoryName::new));
        root.registerConverter(Revision.class, reading(Revision::parse));
        root.registerConverter(ContentHash.class, reading(ContentHash::parse));
        root.registerConverter(SubscriberSettings.Protocol.class, reading(ArgumentTypes::protocol));
        root.registerConverter(Requirement.class, reading(Requirement::new));
        root.registerConverter(Replica.class, reading(ArgumentTypes::replica));
    }

    private static SubscriberSettings.Protocol protocol(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "auto" -> SubscriberSettings.Protocol.AUTO;
            case "websocket" -> SubscriberSettings.Protocol.WEBSOCKET;
            case "sse" -> SubscriberSettings.Protocol.EVENT_STREAM;
            default ->
                throw new InvalidInputException("'%s' is none of auto, websocket, sse".formatted(Excerpt.of(text)));
        };
    }

    private static Replica replica(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new InvalidInputException("'%s' is not NAME=URL".formatted(Excerpt.of(text)));
        }
        return new Replica(text.substring(0, equals), text.substring(equals + 1));
    }

    private static <T> ITypeConverter<T> reading(Function<String, T> reader) {
        return text -> {
            try {
                return reader.apply(text);
            } catch (InvalidInputException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        };
    }
}
