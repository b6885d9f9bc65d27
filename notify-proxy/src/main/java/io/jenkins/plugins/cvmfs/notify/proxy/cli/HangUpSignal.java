package io.jenkins.plugins.cvmfs.notify.proxy.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does something each time that the process gets SIGHUP, which would end it otherwise. Java has no public way to it; every JVM of
 * the field has {@code sun.misc.Signal}, in the module jdk.unsupported, and it is found by its name because the compiler warns of it.
 */
final class HangUpSignal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HangUpSignal.class);
    private static final String NAME = "HUP";

    /** One thread; signals that come while one is being served and another waits are the same as that. */
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            task -> {
                Thread made = new Thread(task, "reload");
                made.setDaemon(true);
                return made;
            },
            new ThreadPoolExecutor.DiscardPolicy());

    private final Runnable action;

    private HangUpSignal(Runnable action) {
        this.action = action;
    }

    /** @param action run on a thread of its own, one run at a time */
    static HangUpSignal running(Runnable action) {
        HangUpSignal signal = new HangUpSignal(action);
        try {
            signal.install();
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("this JVM or system knows no SIGHUP: to reload, restart");
        }
        return signal;
    }

    private void install() throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Method handle = signal.getMethod("handle", signal, handler);
        handle.invoke(null, signal.getConstructor(String.class).newInstance(NAME), handlerThat(handler, this::comes));
    }

    private static Object handlerThat(Class<?> type, Runnable comes) {
        InvocationHandler calls = (self, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                comes.run();
                yield null;
            }
            case "equals" -> self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            default -> NAME;
        };
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls);
    }

    private void comes() {
        thread.execute(action);
    }

    /** Further signals do nothing. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
