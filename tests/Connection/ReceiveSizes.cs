namespace RawSocketChat.Connection.Tests;

public sealed class ReceiveSizes
{
    [Test]
    public void It_begins_small_and_doubles_as_receives_fill_it_up_to_the_largest()
    {
        var size = ReceiveSize.Smallest;
        var sizes = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            sizes.Add(size.Bytes());
            size.Follow(size.Bytes(), filled: true);
        }

        sizes.Should().Equal(4096, 8192, 16_384, 32_768, 65_536, 65_536);
    }

    [Test]
    public void It_halves_when_two_in_a_row_leave_most_of_it_empty_down_to_the_smallest()
    {
        var size = Filled(times: 2);
        var sizes = new List<int>();
        for (var i = 0; i < 5; i++)
        {
            size.Follow(100, filled: false);
            sizes.Add(size.Bytes());
        }

        sizes.Should().Equal(16_384, 8192, 4096, 4096, 4096);
    }

    [Test]
    public void A_receive_that_uses_a_quarter_keeps_it_as_it_is()
    {
        var size = Filled(times: 2);

        for (var i = 0; i < 5; i++)
        {
            size.Follow(100, filled: false);
            size.Follow(4096, filled: false);
        }

        size.Bytes().Should().Be(16_384);
    }

    [Test]
    public void The_last_bytes_of_a_message_that_has_just_not_fit_do_not_halve_it()
    {
        var size = Filled(times: 2);

        size.Follow(16_384, filled: true);
        size.Follow(8, filled: false);

        size.Bytes().Should().Be(32_768);
    }

    private static ReceiveSize Filled(int times)
    {
        var size = ReceiveSize.Smallest;
        for (var i = 0; i < times; i++)
        {
            size.Follow(size.Bytes(), filled: true);
        }

        return size;
    }
}
