package io.jenkins.plugins.cvmfs.notify.proxy.admin;

import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.client.manifest.RepositoryName;
import io.jenkins.plugins.cvmfs.notify.proxy.fanout.FanOut;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Request;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Response;
import io.jenkins.plugins.cvmfs.notify.proxy.http.Route;
import io.jenkins.plugins.cvmfs.notify.proxy.log.Announcement;
import java.time.Clock;
import java.time.Duration;

/**
 * {@code /badge/NAME.svg}: a picture with a repository's last revision and its age, for other pages. Since these show pictures only with status
 * 200, so does one that says that a repository is unknown.
 */
public final class BadgeRoute implements Route {

    private static final String FOLDER = "/badge/";
    private static final String SUFFIX = ".svg";
    private static final String KNOWN = "#0b57a4";
    private static final String UNKNOWN = "#55606e";

    /** In units of the picture; each text is stretched to it, whatever font there is. */
    private static final double CHARACTER_WIDTH = 6.1;

    private static final int MARGIN = 6;

    private static final String PICTURE = """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="20" role="img" aria-label="%2$s: %3$s">
          <title>%2$s: %3$s</title>
          <rect width="%1$d" height="20" rx="4" fill="#2a323b"/>
          <path d="M%4$d 0H%5$da4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H%4$dz" fill="%6$s"/>
          <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
            <text x="%7$d" y="14" textLength="%8$d">%2$s</text>
            <text x="%9$d" y="14" textLength="%10$d">%3$s</text>
          </g>
        </svg>
        """;

    private final FanOut fanOut;
    private final Clock clock;

    /** @param clock tells how old revisions are */
    public BadgeRoute(FanOut fanOut, Clock clock) {
        this.fanOut = fanOut;
        this.clock = clock;
    }

    @Override
    public boolean serves(String path) {
        return path.startsWith(FOLDER) && path.endsWith(SUFFIX) && path.length() > FOLDER.length() + SUFFIX.length();
    }

    @Override
    public void handle(Request request, Exchange exchange) {
        exchange.answer(get(request));
    }

    private Response get(Request request) {
        String name = request.path().substring(FOLDER.length(), request.path().length() - SUFFIX.length());
        String picture;
        try {
            picture = fanOut.lastValue(new RepositoryName(name))
                    .map(last -> picture(name, words(last), KNOWN))
                    .orElseGet(() -> picture(name, "unknown", UNKNOWN));
        } catch (InvalidInputException e) {
            picture = picture("repository", "unknown", UNKNOWN);
        }
        return new Response(200, "image/svg+xml", picture)
                .with("ETag", Response.tag(picture))
                .with("Cache-Control", "no-cache")
                .with("Content-Security-Policy", "default-src 'none'")
                .with("X-Content-Type-Options", "nosniff")
                .unlessKnownTo(request);
    }

    private String words(Announcement last) {
        Duration age = Duration.between(last.announcedAt(), clock.instant());
        return "revision %s, %s".formatted(last.message().revision(), ago(age));
    }

    private static String ago(Duration age) {
        if (age.toMinutes() < 1) {
            return "just now";
        }
        if (age.toHours() < 1) {
            return age.toMinutes() + " min ago";
        }
        return age.toDays() < 1 ? age.toHours() + " h ago" : age.toDays() + " d ago";
    }

    private static String picture(String label, String words, String color) {
        int left = width(label);
        int right = width(words);
        int border = left + 2 * MARGIN;
        int whole = border + right + 2 * MARGIN;
        return PICTURE.formatted(
                whole, escaped(label), escaped(words), border, whole - 4, color, MARGIN, left, border + MARGIN, right);
    }

    private static int width(String text) {
        return (int) Math.ceil(text.length() * CHARACTER_WIDTH);
    }

    /** Names have none of these; what is not checked here could run a script in the reader's browser. */
    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
