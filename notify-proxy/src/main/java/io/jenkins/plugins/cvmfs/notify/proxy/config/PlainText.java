package io.jenkins.plugins.cvmfs.notify.proxy.config;

import io.jenkins.plugins.cvmfs.notify.client.Excerpt;
import io.jenkins.plugins.cvmfs.notify.client.InvalidInputException;
import io.jenkins.plugins.cvmfs.notify.proxy.config.RawValue.Kind;
import java.util.regex.Pattern;

/**
 * Text of a certain form.
 *
 * @param form what the whole text must match
 * @param expected the form in words, for a message
 */
record PlainText(Pattern form, String expected) implements ValueType<String> {

    static PlainText of(String form, String expected) {
        return new PlainText(Pattern.compile(form), expected);
    }

    @Override
    public String read(RawValue raw) {
        return raw.textOf(Kind.TEXT, "text");
    }

    @Override
    public void check(String value) {
        if (!form.matcher(value).matches()) {
            throw new InvalidInputException("'%s' is not %s".formatted(Excerpt.of(value), expected));
        }
    }

    @Override
    public Object show(String value) {
        return value;
    }
}
