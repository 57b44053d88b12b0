using System.Buffers;
using System.Collections.Concurrent;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

using Microsoft.Extensions.Logging;

using RawSocketChat.Sending;

namespace RawSocketChat;

/// <summary>
/// One thread that waits for the events of its connections and runs what they wake, up to the first true wait. A handler that blocks
/// would hold up every connection of the loop: it is noticed, and another thread takes the loop over.
/// </summary>
internal sealed unsafe class EpollLoop : ITransportLoop
{
    // One receive takes this much at most; a connection that keeps a buffer has one of its own size instead.
    private const int BufferSize = 128 * 1024;
    private const int MostEvents = 512;

    // Milliseconds of one event after which others write for themselves instead of waiting for the loop.
    private const long Soon = 20;

    // The data of the event that only wakes the loop.
    private const ulong WakeSlot = ulong.MaxValue;

    [ThreadStatic]
    private static Turn? _running;

    private readonly ArrayPool<byte> _pool;
    private readonly ILogger _logger;
    private readonly int _epoll;
    private readonly int _wake;
    private readonly string _name;
    private readonly object _gate = new();
    private readonly ConcurrentQueue<IEpollTarget> _requeued = new();
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _posted = new();
    private readonly Stack<int> _freeSlots = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IEpollTarget?[] _slots = new IEpollTarget[64];
    private uint _generation;
    private int _used;
    private byte[]? _buffer;
    private volatile Turn _turn;
    private volatile bool _stopping;
    private volatile bool _closed;

    public EpollLoop(string name, ArrayPool<byte> pool, ILogger logger)
    {
        _name = name;
        _pool = pool;
        _logger = logger;
        _epoll = Check(Libc.EpollCreate(Libc.CloseOnExec));
        _wake = Libc.EventDescriptor(0, Libc.CloseOnExec | Libc.NonBlocking);
        if (_wake < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            _ = Libc.Close(_epoll);
            throw new Win32Exception(error);
        }

        Register(_wake, Libc.EpollIn, WakeSlot);
        _turn = new(this);
        _turn.Start();
    }

    /// <summary>Whether the calling thread is the loop's.</summary>
    public bool IsCurrent => _running is { } turn && turn == _turn;

    /// <summary>Whether the calling thread is some loop's.</summary>
    public static bool IsAnyCurrent => _running is not null;

    /// <summary>Takes over a connected socket, also where it fails.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="inline">Whether the code that reads runs on the loop's thread.</param>
    /// <param name="pool">Where the connection's own buffers are rented.</param>
    /// <returns>The transport.</returns>
    /// <exception cref="SocketException">The peer is gone already.</exception>
    /// <exception cref="Win32Exception">The system has no room for it.</exception>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public EpollTransport Add(Socket socket, bool inline, ArrayPool<byte> pool)
    {
        EpollTransport? transport = null;
        try
        {
            transport = new(socket, this, pool, inline);
            const int Events = Libc.EpollIn | Libc.EpollUrgent | Libc.EpollOut | Libc.EpollPeerHangUp | Libc.EpollEdgeTriggered;
            Attach(transport, Events);
            return transport;
        }
        catch
        {
            if (transport is null)
            {
                socket.Dispose();
            }

            transport?.Abort();
            throw;
        }
    }

    /// <summary>Tells a listener from here on when there may be somebody to accept.</summary>
    /// <exception cref="Win32Exception">The system has no room for it.</exception>
    public void Add(EpollListener listener) => Attach(listener, Libc.EpollIn | Libc.EpollEdgeTriggered);

    /// <summary>Tells whoever connects when that has come to an end.</summary>
    /// <exception cref="Win32Exception">The system has no room for it.</exception>
    public void Add(EpollConnecting connecting) => Attach(connecting, Libc.EpollOut | Libc.EpollEdgeTriggered);

    /// <summary>Tells a target nothing any more; its socket goes on.</summary>
    public void Detach(IEpollTarget target)
    {
        Remove(target);
        lock (_gate)
        {
            if (!_closed)
            {
                var ignored = stackalloc byte[EpollEvents.Size];
                _ = Libc.EpollControl(_epoll, Libc.EpollDelete, target.Descriptor, ignored);
            }
        }
    }

    /// <summary>Forgets what is about to be closed.</summary>
    public void Remove(IEpollTarget target)
    {
        lock (_gate)
        {
            var slot = (int)(uint)target.Slot;
            if (target.Slot != 0 && _slots[slot] == target)
            {
                _slots[slot] = null;
                _freeSlots.Push(slot);
            }
        }
    }

    /// <summary>
    /// Tells a target of input again, after the others: once, however often that was asked for, or a connection that always has more would
    /// have ever more turns. By one thread at a time for each target, under the lock that the target takes when it is told.
    /// </summary>
    public void Requeue(IEpollTarget target)
    {
        if (target.IsRequeued)
        {
            return;
        }

        target.IsRequeued = true;
        _requeued.Enqueue(target);
        if (!IsCurrent)
        {
            Wake();
        }
    }

    /// <inheritdoc/>
    public bool TryPost(IThreadPoolWorkItem work)
    {
        if (IsCurrent || _closed || _turn.IsBusy(Soon))
        {
            return false;
        }

        // Closed meanwhile, the loop may have run it or not: for the caller to run it, then.
        _posted.Enqueue(work);
        return !_closed;
    }

    /// <inheritdoc/>
    public void Wake()
    {
        ulong one = 1;
        lock (_gate)
        {
            // Once it is closed, the number may be anybody's.
            if (!_closed)
            {
                _ = Libc.Write(_wake, (byte*)&one, sizeof(ulong));
            }
        }
    }

    /// <summary>Where the buffer comes from that all of the loop's connections receive into.</summary>
    public ArrayPool<byte> Pool => _pool;

    /// <summary>The buffer that all of the loop's connections receive into, or another where it is not back yet.</summary>
    public byte[] TakeBuffer() => Interlocked.Exchange(ref _buffer, null) ?? _pool.Rent(BufferSize);

    /// <summary>Gives it back.</summary>
    public void ReturnBuffer(byte[] buffer)
    {
        if (Interlocked.CompareExchange(ref _buffer, buffer, null) is not null)
        {
            _pool.Return(buffer);
        }
        else if (_closed)
        {
            ReleaseBuffer();
        }
    }

    /// <summary>Where the same handler has run for as long as that, another thread takes the loop over.</summary>
    /// <param name="bound">In milliseconds.</param>
    public void Watch(long bound)
    {
        var turn = _turn;
        if (turn.TryReplace(bound, out var busy))
        {
            // First of all: from here on the loop has no thread.
            _turn = new(this, turn);
            _turn.Start();
            TellOfBlock(busy);
        }
    }

    /// <summary>Ends the thread; connections that are left get no more events. A second time changes nothing.</summary>
    /// <returns>Done when no buffer is held any more.</returns>
    public Task StopAsync()
    {
        _stopping = true;
        Wake();
        return _stopped.Task;
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private void Attach(IEpollTarget target, int events)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(EpollLoopGroup));
            if (!_freeSlots.TryPop(out var slot))
            {
                slot = _used++;
                if (slot == _slots.Length)
                {
                    Array.Resize(ref _slots, 2 * slot);
                }
            }

            // A number alone could be another's by the time its event is looked at.
            target.Slot = ((ulong)++_generation << 32) | (uint)slot;
            Volatile.Write(ref _slots[slot], target);

            // Not after the loop has closed its descriptor: the number may be anybody's then.
            Register(target.Descriptor, events, target.Slot);
        }
    }

    private void Register(int descriptor, int flags, ulong data)
    {
        var @event = stackalloc byte[EpollEvents.Size];
        EpollEvents.Write(new(@event, EpollEvents.Size), flags, data);
        Check(Libc.EpollControl(_epoll, Libc.EpollAdd, descriptor, @event));
    }

    private IEpollTarget? Find(ulong data)
    {
        var slots = Volatile.Read(ref _slots);
        var slot = (int)(uint)data;
        return Volatile.Read(ref slots[slot]) is { } found && found.Slot == data ? found : null;
    }

    private void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _ = Libc.Close(_epoll);
            _ = Libc.Close(_wake);
        }

        ReleaseBuffer();
        _stopped.TrySetResult();
    }

    private void ReleaseBuffer()
    {
        if (Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            _pool.Return(buffer);
        }
    }

    // Each in a method of its own: a closure is made where its variables begin, and would be for every event.
    private void TellOfBlock(long busy) => Log(() => RuntimeLog.HandlerBlocks(_logger, _name, busy));

    private void TellOfFailure(Exception failure) => Log(() => RuntimeLog.EventFailed(_logger, _name, failure));

    // On threads of the loop's and of the timer's: a log that fails would end the process.
    private static void Log(Action write)
    {
        try
        {
            write();
        }
        catch (Exception)
        {
            // There is nowhere to tell of it.
        }
    }

    /// <summary>A thread's time at the loop: until the loop stops, or a successor takes over from a handler that blocks.</summary>
    private sealed class Turn(EpollLoop loop, Turn? predecessor = null)
    {
        private const long Replaced = -1;

        private readonly byte[] _events = GC.AllocateUninitializedArray<byte>(MostEvents * EpollEvents.Size, pinned: true);
        private Turn? _predecessor = predecessor;
        private Cork? _cork;
        private int _count;
        private int _next;

        // When the present event was begun, in milliseconds of the system's; 0 between events.
        private long _busySince;

        public void Start() => new Thread(Run) { IsBackground = true, Name = loop._name }.Start();

        /// <summary>Whether its present event has taken that long already.</summary>
        public bool IsBusy(long bound) => Volatile.Read(ref _busySince) is var since && since != 0 && Environment.TickCount64 - since >= bound;

        /// <summary>Ends this turn where its present event has taken that long; what it has not begun is the successor's.</summary>
        public bool TryReplace(long bound, out long busy)
        {
            var since = Volatile.Read(ref _busySince);
            busy = Environment.TickCount64 - since;
            return since > 0 && busy >= bound && Interlocked.CompareExchange(ref _busySince, Replaced, since) == since;
        }

        private void Run()
        {
            _running = this;

            // What is sent while one batch of events is worked through, to whatever connection, goes out at its end.
            _cork = Cork.Begin();
            var goesOn = _predecessor is null || _predecessor.WorkOff(this);
            _predecessor = null;
            _cork.End();
            while (goesOn)
            {
                if (loop._stopping)
                {
                    loop.Close();
                    return;
                }

                Wait();
                _cork = Cork.Begin();
                goesOn = WorkOff(this) && WorkOffRequeued() && WorkOffPosted();
                _cork.End();
            }
        }

        private void Wait()
        {
            int count;
            fixed (byte* events = _events)
            {
                // Whoever left work behind has woken the predecessor perhaps, and not this thread.
                var timeout = loop._requeued.IsEmpty && loop._posted.IsEmpty ? -1 : 0;
                count = Libc.EpollWait(loop._epoll, events, MostEvents, timeout);
            }

            // Interrupted is as good as woken by nobody.
            (_count, _next) = (Math.Max(count, 0), 0);
        }

        // False where the worker was replaced.
        private bool WorkOff(Turn worker)
        {
            if (worker != this)
            {
                // Its thread may block again, and nobody would look after it any more.
                _cork?.Abandon();
            }

            if (_predecessor?.WorkOff(worker) == false)
            {
                return false;
            }

            while (_next < _count)
            {
                var (flags, data) = EpollEvents.Read(_events, _next++);
                if (data == WakeSlot)
                {
                    ulong count;
                    _ = Libc.Read(loop._wake, (byte*)&count, sizeof(ulong));
                }
                else if (loop.Find(data) is { } target && !worker.Tell(target, flags))
                {
                    return false;
                }
            }

            return true;
        }

        private bool WorkOffRequeued()
        {
            for (var count = loop._requeued.Count; count > 0 && loop._requeued.TryDequeue(out var target); count--)
            {
                target.IsRequeued = false;
                if (!Tell(target, Libc.EpollIn))
                {
                    return false;
                }
            }

            return true;
        }

        private bool WorkOffPosted()
        {
            for (var count = loop._posted.Count; count > 0 && loop._posted.TryDequeue(out var work); count--)
            {
                Begin();
                try
                {
                    work.Execute();
                }
                catch (Exception failure)
                {
                    loop.TellOfFailure(failure);
                }

                if (!End())
                {
                    return false;
                }
            }

            return true;
        }

        private bool Tell(IEpollTarget target, int flags)
        {
            Begin();
            try
            {
                target.OnEvents(flags);
            }
            catch (Exception failure)
            {
                // Nobody above could catch it, and it would end the process; the other connections are not to suffer.
                target.Abort();
                loop.TellOfFailure(failure);
            }

            return End();
        }

        // From here on whoever watches may take the loop over.
        private void Begin() => Volatile.Write(ref _busySince, Environment.TickCount64);

        // False where somebody has.
        private bool End() => Interlocked.Exchange(ref _busySince, 0) != Replaced;
    }
}
