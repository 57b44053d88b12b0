using Microsoft.Extensions.Logging;
using RawSocketChat;
using RawSocketChat.Samples;

namespace ChatHost;

/// <summary>
/// Who is here, and the one order in which all of them see everything: under one lock a message gets its id and is handed to
/// every member. Handing over never waits for anybody, so the lock is held for as long as it takes to fill queues.
/// Safe for concurrent use.
/// </summary>
internal sealed class ChatRoom(TimeProvider time, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Queue<Delivery> _deliveries = new();
    private ChatMember[] _members = []; // Replaced, never changed: a delivery under way keeps the members it began with.
    private bool _delivering;
    private long _lastMemberId;
    private long _lastMessageId;

    /// <summary>Lets somebody in as <c>guest-N</c>: tells the newcomer who is here, and everybody else who came.</summary>
    /// <param name="send">See <see cref="ChatMember"/>.</param>
    /// <param name="address">Where from, for the log.</param>
    public ChatMember Join(Action<PreparedMessage> send, string address)
    {
        ChatMember newcomer;
        int count;
        lock (_lock)
        {
            var id = ++_lastMemberId;
            newcomer = new ChatMember(id, $"guest-{id}", send);
            var others = _members;
            _members = [.. others, newcomer];
            count = _members.Length;

            var now = time.GetUtcNow();
            Deliver(new([newcomer], ChatEvents.Welcome(newcomer.Info, [.. _members.Select(member => member.Info)], now)));
            Deliver(new(others, ChatEvents.Join(newcomer.Info, count, now)));
        }

        Log.Connected(logger, newcomer.Id, address, count);
        return newcomer;
    }

    /// <summary>Takes exactly this member out and tells the others; does nothing if it has left already.</summary>
    public void Leave(ChatMember leaver)
    {
        string name;
        int count;
        lock (_lock)
        {
            if (!_members.Contains(leaver))
            {
                return;
            }

            _members = [.. _members.Where(member => member != leaver)];
            count = _members.Length;
            name = leaver.Name;
            Deliver(new(_members, ChatEvents.Leave(leaver.Info, count, time.GetUtcNow())));
        }

        Log.Disconnected(logger, leaver.Id, LogText.OneLine(name), count);
    }

    /// <summary>
    /// Gives a member a new nickname, lets it say something, or both; nothing comes between the two. All see both in the same
    /// order, the speaker included, whose own words come back to it marked as such.
    /// </summary>
    public void Say(ChatMember speaker, string? newName, string? text)
    {
        string name;
        long id;
        lock (_lock)
        {
            if (!_members.Contains(speaker))
            {
                return;
            }

            var now = time.GetUtcNow();
            if (newName is not null && newName != speaker.Name)
            {
                var formerName = speaker.Name;
                speaker.Name = newName;
                Deliver(new(_members, ChatEvents.Rename(speaker.Info, formerName, now)));
            }

            if (text is null)
            {
                return;
            }

            name = speaker.Name;
            id = ++_lastMessageId;
            Deliver(new(_members, ChatEvents.Chat(text, speaker.Info, id, now))
            {
                Speaker = speaker,
                ToSpeaker = ChatEvents.OwnChat(text, speaker.Info, id, now),
            });
        }

        Log.Said(logger, id, speaker.Id, LogText.OneLine(name), LogText.OneLine(text));
    }

    /// <summary>Tells one member alone what was wrong, in the order of all else that it is told.</summary>
    public void TellError(ChatMember member, string problem)
    {
        lock (_lock)
        {
            Deliver(new([member], ChatEvents.Error(problem, time.GetUtcNow())));
        }

        Log.Refused(logger, member.Id, problem);
    }

    /// <summary>Says something to everybody in the server's name. When nobody is here nothing is said and no id is spent.</summary>
    public void Announce(string text)
    {
        int count;
        lock (_lock)
        {
            count = _members.Length;
            if (count > 0)
            {
                Deliver(new(_members, ChatEvents.Announcement(text, ++_lastMessageId, time.GetUtcNow())));
            }
        }

        if (count > 0)
        {
            Log.Announced(logger, count);
        }
        else
        {
            Log.NobodyToAnnounceTo(logger);
        }
    }

    /// <summary>
    /// Under the lock. A send that fails may end its connection on this very thread, and so come back as a
    /// <see cref="Leave"/> in the middle of a delivery (the lock lets its own thread in): what comes back waits for its turn,
    /// or some would see the two in one order and some in the other.
    /// </summary>
    private void Deliver(Delivery delivery)
    {
        _deliveries.Enqueue(delivery);
        if (_delivering)
        {
            return;
        }

        _delivering = true;
        try
        {
            while (_deliveries.TryDequeue(out var next))
            {
                foreach (var member in next.Members)
                {
                    member.Send(member == next.Speaker ? next.ToSpeaker! : next.Message);
                }
            }
        }
        finally
        {
            _delivering = false;
        }
    }

    private readonly record struct Delivery(ChatMember[] Members, PreparedMessage Message)
    {
        public ChatMember? Speaker { get; init; }

        public PreparedMessage? ToSpeaker { get; init; }
    }
}
